import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { fromPointer } from './json-pointer.ts';
import { type QuickCheck, quickCheckOf } from './quick-checks.ts';

/** A JSON Schema (draft 2020-12). Unions carry a `description`: it is what the error message says was expected. */
export type JsonSchema = { readonly [keyword: string]: unknown };

interface At {
  readonly path: readonly (string | number)[];
}

/** What does not fit, in words of the data rather than of the validator. */
export type SchemaError =
  | (At & { readonly kind: 'unknown-key'; readonly key: string; readonly known: readonly string[] })
  | (At & { readonly kind: 'missing-key'; readonly key: string })
  | (At & { readonly kind: 'bad-name'; readonly name: string; readonly expected: string })
  | (At & { readonly kind: 'not-in-list'; readonly value: unknown; readonly allowed: readonly string[] })
  | (At & { readonly kind: 'expected'; readonly expected: string; readonly value: unknown });

export interface SchemaCheck<T> {
  fits(data: unknown): data is T;
  /** The errors of the last `fits` that said no, most specific ones only. */
  errors(): readonly SchemaError[];
}

/** Those whose modules have been loaded; the build makes quick checks of them. */
export const schemasOfOurs = new Set<JsonSchema>();

/**
 * A type guard that explains itself. The caller vouches that `T` is the schema's type, and calls this when its module is
 * loaded. To compile a schema takes far longer than to check: that is put off until data do not fit, where a quick check
 * can say so, and else until there are any.
 */
export function compileSchema<T>(schema: JsonSchema): SchemaCheck<T> {
  schemasOfOurs.add(schema);
  let quick: { readonly check: QuickCheck | undefined } | undefined;
  let validate: ValidateFunction | undefined;
  return {
    fits: (data): data is T => {
      quick ??= { check: quickCheckOf(schema) };
      if (quick.check?.(data) === true) return true;
      validate ??= compile(schema);
      return validate(data);
    },
    errors: () => {
      const all = validate?.errors ?? [];
      return all.filter(isTelling(all)).map(toSchemaError);
    },
  };
}

function compile(schema: JsonSchema): ValidateFunction {
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: true,
    allowUnionTypes: true,
    strictRequired: false,
    // The schemas are ours: tests hold those of files against the schema of schemas, which takes far longer to compile
    // than most of them.
    validateSchema: false,
    meta: false,
  });
  return ajv.compile(schema);
}

/**
 * A union reports every branch's errors and one of its own. Where the data's type fits one branch only, that branch's
 * errors are the telling ones; otherwise the union's own sentence is.
 */
function isTelling(all: readonly ErrorObject[]): (error: ErrorObject) => boolean {
  const unions = all.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf');
  const chosen = new Map(unions.map((union) => [union, branchFor(union)]));
  return (error) => {
    // Both only repeat that something below them does not fit.
    if (error.keyword === 'if' || error.keyword === 'propertyNames') return false;
    if (chosen.has(error) && chosen.get(error) !== undefined) return false;
    return unions.every((union) => {
      if (error === union || !isBelow(error, union)) return true;
      return error.schemaPath.startsWith(`${union.schemaPath}/${chosen.get(union)}/`);
    });
  };
}

const isBelow = (error: ErrorObject, union: ErrorObject) =>
  error.schemaPath.startsWith(`${union.schemaPath}/`);

function branchFor(union: ErrorObject): number | undefined {
  const branches: unknown = union.schema;
  if (!Array.isArray(branches)) return undefined;
  const type = jsonType(union.data);
  if (type !== 'object' && type !== 'array') return undefined;
  const fitting = branches.flatMap((branch, index) => (typesOf(branch).includes(type) ? [index] : []));
  return fitting.length === 1 ? fitting[0] : undefined;
}

function typesOf(schema: unknown): unknown[] {
  if (typeof schema !== 'object' || schema === null || !('type' in schema)) return [];
  return Array.isArray(schema.type) ? schema.type : [schema.type];
}

function jsonType(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function toSchemaError(error: ErrorObject): SchemaError {
  const path = pathOf(error.instancePath);
  const parent: JsonSchema = error.parentSchema ?? {};
  const params: Record<string, unknown> = error.params;
  if (error.propertyName !== undefined) {
    return { kind: 'bad-name', path, name: error.propertyName, expected: expectation(error, parent) };
  }
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const key = params['additionalProperty'] ?? params['unevaluatedProperty'];
      return { kind: 'unknown-key', path, key: String(key), known: Object.keys(parent['properties'] ?? {}) };
    }
    case 'required':
      return { kind: 'missing-key', path, key: String(params['missingProperty']) };
    case 'enum':
      return { kind: 'not-in-list', path, value: error.data, allowed: listOf(params['allowedValues']) };
    case 'const':
      return { kind: 'not-in-list', path, value: error.data, allowed: [String(params['allowedValue'])] };
    default:
      return { kind: 'expected', path, expected: expectation(error, parent), value: error.data };
  }
}

function expectation(error: ErrorObject, parent: JsonSchema): string {
  if (typeof parent['description'] === 'string') return parent['description'];
  if (error.keyword === 'type') return `of type ${String(parent['type'])}`;
  return (error.message ?? 'valid').replace(/^must (be|have) /, '');
}

const listOf = (values: unknown): string[] => (Array.isArray(values) ? values.map(String) : []);

function pathOf(instancePath: string): (string | number)[] {
  return fromPointer(instancePath).map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}
