import type { ErrorObject } from 'ajv/dist/2020.js';
import { fromPointer, toPointer } from '../../lib/json-pointer.ts';

/** One thing in a body that its schema forbids. */
export interface Violation {
  /** The JSON Schema keyword. */
  readonly rule: string;
  readonly message: string;
  /** RFC 6901; of a missing field, where it should be. */
  readonly pointer: string;
}

/** The validator's errors in words of the body, the most telling ones only. Needs `verbose` errors. */
export function toViolations(errors: readonly ErrorObject[]): Violation[] {
  const unions = errors.filter(isUnion);
  return errors
    .filter((error) => error.keyword !== 'if') // It only says that `then` or `else` failed, which speaks for itself.
    .filter((error) => unions.every((union) => isTelling(error, union, errors)))
    .map(toViolation);
}

/** No alternative fits. (That several fit is an error of its own, with nothing below it.) */
function isUnion({ keyword, params }: ErrorObject): boolean {
  return keyword === 'anyOf' || (keyword === 'oneOf' && !params['passingSchemas']);
}

/**
 * A union reports the errors of every alternative besides its own. An alternative of another type says nothing; where
 * one has the right type, what is wrong inside is told, otherwise that none fits.
 */
function isTelling(error: ErrorObject, union: ErrorObject, all: readonly ErrorObject[]): boolean {
  const isOtherType = (one: ErrorObject) => one.keyword === 'type' && one.instancePath === union.instancePath;
  if (error === union) {
    return all.every((one) => one === union || isOtherType(one) || !isWithin(one, union));
  }
  return !isOtherType(error);
}

function isWithin(error: ErrorObject, union: ErrorObject): boolean {
  return `${error.instancePath}/`.startsWith(`${union.instancePath}/`);
}

function toViolation(error: ErrorObject): Violation {
  const { keyword, instancePath } = error;
  const params: Record<string, unknown> = error.params;
  const below = (name: unknown) => toPointer([...fromPointer(instancePath), String(name)]);
  switch (keyword) {
    case 'required': {
      const name = params['missingProperty'];
      return { rule: keyword, message: `the field \`${String(name)}\` is missing`, pointer: below(name) };
    }
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const name = params['additionalProperty'] ?? params['unevaluatedProperty'];
      return {
        rule: keyword,
        message: `the field \`${String(name)}\` is not documented`,
        pointer: below(name),
      };
    }
    default:
      return { rule: keyword, message: describe(error, params), pointer: instancePath };
  }
}

function describe(error: ErrorObject, params: Record<string, unknown>): string {
  const found = show(error.data);
  switch (error.keyword) {
    case 'type':
      return `must be ${listOf(params['type']).join(' or ')}, not ${found}`;
    case 'enum':
      return `must be one of ${listOf(params['allowedValues']).map(show).join(', ')}, not ${found}`;
    case 'const':
      return `must be ${show(params['allowedValue'])}, not ${found}`;
    case 'pattern':
      return `must match ${String(params['pattern'])}, not ${found}`;
    case 'format':
      return `must be a ${String(params['format'])}, not ${found}`;
    case 'anyOf':
    case 'oneOf': {
      const isSeveral = error.keyword === 'oneOf' && params['passingSchemas'];
      return `must fit one of the documented alternatives, but ${isSeveral ? 'more than one fits' : 'none fits'}: ${found}`;
    }
    case 'false schema':
      return `must not be there, but is ${found}`;
    default:
      return `${(error.message ?? 'does not fit').toLowerCase()}: ${found}`;
  }
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
