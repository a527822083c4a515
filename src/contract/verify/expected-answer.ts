import { DEFAULT_EXAMPLE, type DocumentedResponse, type Operation } from '../openapi/contract.ts';
import { isSuccess } from '../openapi/status.ts';

/** The answer that the document promises for an example of the request, or why there is none to hold it to. */
export type ExpectedAnswer =
  | { readonly kind: 'documented'; readonly response: DocumentedResponse }
  | { readonly kind: 'none' }
  | { readonly kind: 'ambiguous'; readonly statuses: readonly string[] };

/**
 * The answer under which an example of the same name is documented. An example without a name may also mean the one
 * documented success, and so may any example where that success has no body that could hold an example.
 */
export function expectedAnswer(operation: Operation, example: string): ExpectedAnswer {
  const [first, ...more] = operation.responses.filter(({ media }) =>
    media.some(({ examples }) => examples.has(example)),
  );
  if (first !== undefined && more.length === 0) return { kind: 'documented', response: first };
  if (first !== undefined) return amongSeveral([first, ...more], example);
  const [success, ...others] = operation.responses.filter(({ status }) => isSuccess(status));
  const canStandIn = success !== undefined && (example === DEFAULT_EXAMPLE || success.media.length === 0);
  return canStandIn && others.length === 0 ? { kind: 'documented', response: success } : { kind: 'none' };
}

function amongSeveral(candidates: readonly DocumentedResponse[], example: string): ExpectedAnswer {
  const successes = candidates.filter(({ status }) => isSuccess(status));
  const [success] = successes;
  if (example === DEFAULT_EXAMPLE && success !== undefined && successes.length === 1) {
    return { kind: 'documented', response: success };
  }
  return { kind: 'ambiguous', statuses: candidates.map(({ status }) => status) };
}
