import type { AssignmentTarget } from '../openapi/contract.ts';
import { DEFAULT_EXAMPLE, type MediaType, type Operation } from '../openapi/contract.ts';

/** The parts of a request as values, before they are written as text. */
export interface RequestParts {
  readonly path: ReadonlyMap<string, unknown>;
  readonly query: ReadonlyMap<string, unknown>;
  readonly header: ReadonlyMap<string, unknown>;
  readonly cookie: ReadonlyMap<string, unknown>;
  readonly body?: { readonly mediaType: string; readonly value: unknown };
}

/**
 * The names under which a request of this operation is documented: those of its body's and its parameters' examples,
 * and those that `x-given` and its like use together with an answer. Without any, the operation is called once.
 */
export function exampleNames(operation: Operation): string[] {
  const answers = answerNames(operation);
  const names = new Set([
    ...(operation.body?.media ?? []).flatMap(({ examples }) => [...examples.keys()]),
    ...operation.parameters.flatMap(({ examples }) => [...examples.keys()]),
    ...recipeNames(operation).filter((name) => answers.has(name)),
  ]);
  return names.size === 0 ? [DEFAULT_EXAMPLE] : [...names];
}

/** The names that `x-given`, `x-set`, `x-needs` and `x-authorize` speak of. */
export function recipeNames(operation: Operation): string[] {
  return [operation.given, operation.set, operation.needs, operation.authorize].flatMap((named) => [
    ...named.keys(),
  ]);
}

function answerNames(operation: Operation): ReadonlySet<string> {
  return new Set(
    operation.responses.flatMap(({ media }) => media.flatMap(({ examples }) => [...examples.keys()])),
  );
}

/**
 * The request of an example, before anything is set.
 *
 * @param replaced what `x-set` and `set` will fill in: it needs no example
 * @returns the parts, and the required ones that no example gives, in words
 */
export function exampleRequest(
  operation: Operation,
  example: string,
  replaced: readonly AssignmentTarget[],
): { readonly parts: RequestParts; readonly missing: readonly string[] } {
  const values = { path: new Map(), query: new Map(), header: new Map(), cookie: new Map() };
  const missing: string[] = [];
  for (const parameter of operation.parameters) {
    const value = parameter.examples.get(example) ?? parameter.fallback;
    if (value !== undefined) values[parameter.in].set(nameOf(parameter), value.value);
    else if (parameter.required && !replaced.some((target) => isFor(target, parameter))) {
      missing.push(`the ${parameter.in} parameter \`${parameter.name}\``);
    }
  }
  const body = exampleBody(operation.body?.media ?? [], example);
  const isBodySet = replaced.some((target) => target.in === 'body');
  if (body === undefined && operation.body?.required === true && !isBodySet) missing.push('the body');
  return { parts: { ...values, ...(body === undefined ? {} : { body }) }, missing };
}

function exampleBody(media: readonly MediaType[], example: string): RequestParts['body'] {
  for (const name of [example, DEFAULT_EXAMPLE]) {
    const found = media.find(({ examples }) => examples.has(name));
    if (found !== undefined) return { mediaType: found.type, value: found.examples.get(name)?.value };
  }
  return undefined;
}

function isFor(target: AssignmentTarget, parameter: { readonly in: string; readonly name: string }): boolean {
  return target.in !== 'body' && target.in === parameter.in && nameOf(target) === nameOf(parameter);
}

/** Header names differ only by more than case (RFC 9110, 5.1). */
export function nameOf({ in: place, name }: { readonly in: string; readonly name: string }): string {
  return place === 'header' ? name.toLowerCase() : name;
}
