import type { Assignment, AssignmentTarget, AssignmentValue, BindingReference } from '../openapi/contract.ts';
import { isObject } from '../openapi/json.ts';
import { nameOf, type RequestParts } from './example-request.ts';

/** An assignment whose value is known. */
export interface ResolvedAssignment {
  readonly target: AssignmentTarget;
  readonly value: unknown;
}

/** Thrown when an earlier answer lacks what a later request takes from it. */
export class MissingValue extends Error {}

/**
 * Looks up the values of assignments in the answers so far.
 *
 * @throws MissingValue with a sentence, when an answer has no such field
 */
export function resolveAssignments(
  assignments: readonly Assignment[],
  bindings: ReadonlyMap<string, unknown>,
  unique: () => string,
): ResolvedAssignment[] {
  return assignments.map(({ target, value, isBasic = false }) => {
    const resolved = resolveValue(value, bindings, unique);
    return { target, value: isBasic ? basicCredentials(writtenAsText(resolved)) : resolved };
  });
}

function resolveValue(
  value: AssignmentValue,
  bindings: ReadonlyMap<string, unknown>,
  unique: () => string,
): unknown {
  if (value.kind === 'literal') return value.value;
  if (value.kind === 'unique') return unique();
  if (value.kind === 'binding') return lookUp(value, bindings);
  return value.parts
    .map((part) => (typeof part === 'string' ? part : writtenAsText(lookUp(part, bindings))))
    .join('');
}

/** RFC 7617, with UTF-8. */
function basicCredentials(text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

function writtenAsText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function lookUp({ name, steps }: BindingReference, bindings: ReadonlyMap<string, unknown>): unknown {
  let current = bindings.get(name);
  for (const step of steps) {
    const next = Array.isArray(current)
      ? current[Number(step)]
      : isObject(current)
        ? current[step]
        : undefined;
    if (next === undefined) {
      throw new MissingValue(
        `$${[name, ...steps].join('.')}: the answer called \`${name}\` has no \`${step}\``,
      );
    }
    current = next;
  }
  return current;
}

/** The request with the assigned values in place of its own; the parts given are left as they are. */
export function assign(
  parts: RequestParts,
  assignments: readonly ResolvedAssignment[],
  bodyMediaType: string,
): RequestParts {
  const result = {
    path: new Map(parts.path),
    query: new Map(parts.query),
    header: new Map(parts.header),
    cookie: parts.cookie,
  };
  let { body } = parts;
  for (const { target, value } of assignments) {
    if (target.in === 'body') {
      body = {
        mediaType: body?.mediaType ?? bodyMediaType,
        value: withValue(body?.value, target.steps, value),
      };
    } else {
      result[target.in].set(nameOf(target), value);
    }
  }
  return { ...result, ...(body === undefined ? {} : { body }) };
}

/** A copy of `container` with `value` at `steps`; objects that are missing on the way are made. */
function withValue(container: unknown, steps: readonly string[], value: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (Array.isArray(container)) {
    const index = step === '-' ? container.length : Number(step);
    const copy: unknown[] = [...container];
    copy[index] = withValue(copy[index], rest, value);
    return copy;
  }
  const object = isObject(container) ? container : {};
  return { ...object, [step]: withValue(object[step], rest, value) };
}
