import { compileSchema, type JsonSchema } from '../lib/json-schema.ts';
import { commonKeys } from './compile-steps.ts';
import type { RawShared, RawSuite } from './file.ts';
import { stepKinds } from './steps/index.ts';

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

/** For editors: the keys of all kinds. What goes with which kind is checked when a step is read. */
const stepSchema: JsonSchema = {
  type: 'object',
  description: `a mapping: one step, with exactly one of: ${stepKinds.flatMap(({ markers }) => markers).join(', ')}`,
  additionalProperties: false,
  properties: { ...mergedKeys(), ...commonKeys },
};

function mergedKeys(): Record<string, JsonSchema> {
  const variants = new Map<string, Map<string, JsonSchema>>();
  for (const { keys } of stepKinds) {
    for (const [key, schema] of Object.entries(keys)) {
      const known = variants.get(key) ?? new Map<string, JsonSchema>();
      variants.set(key, known.set(JSON.stringify(schema), schema));
    }
  }
  return Object.fromEntries([...variants].map(([key, known]) => [key, oneOrAny([...known.values()])]));
}

function oneOrAny(schemas: readonly JsonSchema[]): JsonSchema {
  const [only] = schemas;
  if (schemas.length === 1 && only !== undefined) return only;
  return { anyOf: schemas, description: schemas.map(({ description }) => description).join('; or ') };
}

const steps = (description: string): JsonSchema => ({
  type: 'array',
  items: { $ref: '#/$defs/step' },
  description,
});
const someSteps = (description: string): JsonSchema => ({ ...steps(description), minItems: 1 });
const text = (description: string): JsonSchema => ({ type: 'string', minLength: 1, description });
const names = (description: string): JsonSchema => ({
  type: 'array',
  items: text('a name'),
  uniqueItems: true,
  description,
});

const testSchema: JsonSchema = {
  type: 'object',
  description:
    'a mapping with `test` and `steps`; the steps run in order, and the first that fails ends them',
  required: ['test', 'steps'],
  additionalProperties: false,
  properties: {
    test: text('what holds when it passes, as a sentence'),
    tags: names('a list of words for `--tag`, besides those of the suite'),
    skip: text('the reason why it is not run'),
    cases: {
      type: 'array',
      minItems: 1,
      items: { type: 'object', minProperties: 1, description: 'a mapping: the values behind `case`' },
      description: 'a list of at least one mapping; the test runs once for each, with the values in `case`',
    },
    before: steps('a list of steps that come first; when one fails, the steps are not run'),
    steps: someSteps('a list of at least one step'),
    always: steps('a list of steps that run at the end whatever happened'),
  },
};

/** JSON Schema of suite files, built from the tables of steps and assertions. */
export const suiteSchema: JsonSchema = {
  $schema: DRAFT,
  title: 'shopctl suite',
  type: 'object',
  description: 'a mapping with `suite` and `tests`',
  required: ['suite', 'tests'],
  additionalProperties: false,
  properties: {
    suite: text('the name of the suite'),
    description: text('what it is about'),
    tags: names('a list of words for `--tag`, for all its tests'),
    needs: names('a list of services that must be in the topology'),
    parallel: { type: 'boolean', description: 'true or false: whether its tests may run at the same time' },
    before: steps('a list of steps that come first in every test'),
    always: steps('a list of steps that end every test whatever happened'),
    tests: { type: 'array', minItems: 1, items: testSchema, description: 'a list of at least one test' },
  },
  $defs: { step: stepSchema },
};

/** JSON Schema of the files that `use` names. */
export const sharedSchema: JsonSchema = {
  $schema: DRAFT,
  title: 'shopctl shared steps',
  type: 'object',
  description: 'a mapping with `steps`',
  required: ['steps'],
  additionalProperties: false,
  properties: {
    description: text('what the steps do'),
    params: names('a list of names that whoever uses the file must give values in `with`'),
    defaults: {
      type: 'object',
      description: 'a mapping of further parameters to the values they have unless `with` gives others',
    },
    steps: someSteps('a list of at least one step'),
    returns: {
      type: 'object',
      minProperties: 1,
      description: 'a mapping: names and values that the user of the file finds under its `as`',
    },
  },
  $defs: { step: stepSchema },
};

/** A wrong step must not keep the mistakes of the others from being found, so steps are checked one by one later. */
const outline = (schema: JsonSchema): JsonSchema => ({
  ...schema,
  $defs: { step: { type: 'object', description: 'a mapping: one step' } },
});

export const suiteCheck = compileSchema<RawSuite>(outline(suiteSchema));
export const sharedCheck = compileSchema<RawShared>(outline(sharedSchema));
