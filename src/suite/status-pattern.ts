import type { JsonSchema } from '../lib/json-schema.ts';

/** One status, or a class of them such as `2xx`. */
export type StatusPattern = number | string;

const ONE: JsonSchema = {
  description: 'a status such as 201, or a class such as 2xx',
  anyOf: [
    { type: 'integer', minimum: 100, maximum: 599, description: 'a status from 100 to 599' },
    { type: 'string', pattern: '^[1-5]xx$', description: 'a class of statuses: 1xx, 2xx, 3xx, 4xx or 5xx' },
  ],
};

export const EXPECT_STATUS: JsonSchema = {
  description: 'a status such as 201, a class such as 2xx, or a list of them (without it: 2xx)',
  anyOf: [
    { type: 'integer', minimum: 100, maximum: 599, description: 'a status from 100 to 599' },
    { type: 'string', pattern: '^[1-5]xx$', description: 'a class of statuses: 1xx, 2xx, 3xx, 4xx or 5xx' },
    { type: 'array', items: ONE, minItems: 1, description: 'a list of at least one status' },
  ],
};

const isPattern = (value: unknown): value is StatusPattern =>
  typeof value === 'number' || typeof value === 'string';

export function toStatuses(value: unknown): readonly StatusPattern[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.filter(isPattern);
}

export function matchesStatus(pattern: StatusPattern, status: number): boolean {
  return typeof pattern === 'number' ? pattern === status : pattern.charAt(0) === String(status).charAt(0);
}

export const showStatus = (allowed: readonly StatusPattern[]): string => allowed.join(' or ');
