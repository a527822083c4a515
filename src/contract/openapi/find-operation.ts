import type { Operation } from './contract.ts';
import { bySpecificity, matchesPath } from './path-template.ts';

/** What a request means to a contract. A known path is one that the document has under some other method. */
export type Match =
  | { readonly kind: 'operation'; readonly operation: Operation }
  | { readonly kind: 'unknown-method'; readonly path: string }
  | { readonly kind: 'unknown-path' };

/**
 * The operation for a request. Concrete paths win over templated ones; HEAD is answered by the GET of the same path
 * where it is not documented itself (RFC 9110, 9.3.2).
 *
 * @param path below the service's base URL, percent-encoded, without query
 * @param basePath the path of the base URL where it has one of its own; it then stands for the servers' paths
 */
export function findOperation(
  operations: readonly Operation[],
  request: { readonly method: string; readonly path: string; readonly hasOwnBasePath: boolean },
): Match {
  const matching = operations
    .filter((operation) =>
      pathsBelow(operation, request).some((path) => matchesPath(operation.template, path)),
    )
    .sort((a, b) => bySpecificity(a.template, b.template));
  const [nearest] = matching;
  if (nearest === undefined) return { kind: 'unknown-path' };
  const method = request.method.toUpperCase();
  const byMethod = (wanted: string) => matching.find((operation) => operation.method === wanted);
  const operation = byMethod(method) ?? (method === 'HEAD' ? byMethod('GET') : undefined);
  if (operation === undefined) return { kind: 'unknown-method', path: nearest.template.path };
  return { kind: 'operation', operation };
}

function pathsBelow(
  operation: Operation,
  { path, hasOwnBasePath }: { readonly path: string; readonly hasOwnBasePath: boolean },
): string[] {
  if (hasOwnBasePath) return [path];
  return operation.basePaths
    .filter((base) => base === '' || path.startsWith(`${base}/`))
    .map((base) => path.slice(base.length));
}
