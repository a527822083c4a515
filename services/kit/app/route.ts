import type { Contract, RawRequest, ValidRequest } from '../contract/index.ts';
import type { Access, Identity } from '../identity/index.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** What a route answers. */
export interface Answer {
  status: number;
  /** A text or a buffer is sent as it is (under the `content-type` of `headers`), anything else as JSON. */
  body: unknown;
  headers?: Readonly<Record<string, string>>;
}

/** A request that fits its description. */
export interface Call<Body> {
  body: Body;
  /** A required path parameter. */
  path(name: string): string;
  /** A query parameter that is documented as an integer with a default. */
  number(name: string): number;
  /** Any query parameter as text, or undefined when it was not sent and has no default. */
  query(name: string): string | undefined;
  /** A header, by its name in lower case, or undefined when it was not sent. */
  header(name: string): string | undefined;
  /** The path as it was asked, without its query. */
  instance: string;
  /** Who asks. */
  identity: Identity;
  /** The `Authorization` header, for the few routes that are not content with `identity`. */
  authorization: string | undefined;
  /** Aborted when whoever asked is gone. */
  signal: AbortSignal;
}

/** What is known of a request besides what its operation describes. */
type CallFacts = Pick<Call<unknown>, 'instance' | 'identity' | 'authorization' | 'signal'>;

/** A route that has found its operation in the document. */
export interface BoundRoute {
  method: Method;
  path: string;
  access: Access;
  mediaTypes: readonly string[];
  isBodyOptional: boolean;
  answer(request: RawRequest, facts: CallFacts): Promise<Answer>;
}

/** A route of a service; it is bound to the operation that the OpenAPI document describes for it. */
export interface Route {
  method: Method;
  path: string;
  bind(contract: Contract): BoundRoute;
}

/**
 * One line in a service's routes. `path` is the template of the OpenAPI document, and `Body` the TypeScript shape of
 * the body that it describes; the document's schema is what guards it. `access` says who may call it where tokens are
 * in use: whoever has one, unless told otherwise.
 */
export function route<Body = unknown>(
  method: Method,
  path: string,
  handle: (call: Call<Body>) => Promise<Answer>,
  { access = 'user' }: { access?: Access } = {},
): Route {
  return {
    method,
    path,
    bind: (contract) => {
      const operation = contract.operation<Body>(method, path);
      return {
        method,
        path,
        access,
        mediaTypes: operation.mediaTypes,
        isBodyOptional: operation.isBodyOptional,
        answer: async (request, facts) => await handle(toCall(operation.check(request), facts)),
      };
    },
  };
}

function toCall<Body>({ parameters, body }: ValidRequest<Body>, facts: CallFacts): Call<Body> {
  const text = (key: string) => {
    const value = parameters.get(key);
    return value === undefined ? undefined : String(value);
  };
  return {
    ...facts,
    body,
    path: (name) => text(`path/${name}`) ?? undocumented(name),
    number: (name) => Number(text(`query/${name}`) ?? undocumented(name)),
    query: (name) => text(`query/${name}`),
    header: (name) => text(`header/${name}`),
  };
}

function undocumented(name: string): never {
  throw new Error(`the parameter "${name}" is not documented as required or with a default`);
}
