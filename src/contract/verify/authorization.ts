import type { Authorization, Operation } from '../openapi/contract.ts';
import type { LoadedContract } from '../service.ts';

const NONE: Authorization = { given: [], set: [] };

/**
 * How a call of this example says who asks: by `x-authorize` of the first security scheme of the operation that has
 * one, or by the one that the example names. None where a service that its calls need is no part of the run: there
 * nobody issues tokens.
 */
export function authorizationOf(
  services: readonly LoadedContract[],
  {
    service,
    operation,
    example,
  }: {
    readonly service: LoadedContract;
    readonly operation: Operation;
    readonly example: string;
  },
): Authorization {
  const { authorizations } = service.contract;
  const scheme = operation.authorize.has(example)
    ? operation.authorize.get(example)
    : operation.schemes.find((name) => authorizations.has(name));
  const found = scheme === undefined ? undefined : authorizations.get(scheme);
  if (found === undefined) return NONE;
  const isRunning = (name: string) => services.some((candidate) => candidate.name === name);
  return found.given.every((call) => isRunning(call.service ?? service.name)) ? found : NONE;
}
