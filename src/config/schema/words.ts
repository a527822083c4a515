import { DURATION_PATTERN } from '../../lib/duration.ts';
import type { JsonSchema } from '../../lib/json-schema.ts';

export const NAME_PATTERN = '^[a-z][a-z0-9-]*$';

export const duration = {
  type: 'string',
  pattern: DURATION_PATTERN,
  description: 'a duration such as 250ms, 20s or 1m30s',
};
export const port = {
  type: 'integer',
  minimum: 1,
  maximum: 65535,
  description: 'a port between 1 and 65535',
};
export const freeOrPort = {
  ...port,
  minimum: 0,
  description: 'a port between 1 and 65535, or 0 for any that is free',
};
export const text = { type: 'string', minLength: 1, description: 'a text' };
export const scalar = { type: ['string', 'number', 'boolean'], description: 'a text, number or boolean' };
export const named = (value: JsonSchema) => ({
  type: 'object',
  additionalProperties: value,
  propertyNames: { pattern: NAME_PATTERN, description: 'a name of small letters, digits and dashes' },
  description: 'a mapping from names',
});
export const listOf = (items: JsonSchema, description: string) => ({ type: 'array', items, description });
