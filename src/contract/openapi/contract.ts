import type { Path, SourceDocument } from '../../source/index.ts';
import type { JsonObject } from './json.ts';
import type { PathTemplate } from './path-template.ts';

/** One HTTP API as its document describes it, ready to be compared with what a service does. */
export interface Contract {
  /** OpenAPI version, `3.0` or `3.1`. */
  readonly version: '3.0' | '3.1';
  /** The document with its places, for errors. */
  readonly source: SourceDocument;
  /** The document with every reference internal; paths named `at` lead into it. */
  readonly root: JsonObject;
  readonly operations: readonly Operation[];
  /** By name of a security scheme: how calls that need it say who asks. */
  readonly authorizations: ReadonlyMap<string, Authorization>;
  readonly passedOn: PassedOn;
}

/** What a service such as a gateway sends on to others instead of answering it. */
export interface PassedOn {
  readonly routes: readonly PassedRoute[];
  /** Answers of its own, such as refusals, that may come on every route and where there is none. */
  readonly responses: readonly DocumentedResponse[];
}

export interface PassedRoute {
  /** Stands for itself and every path below. */
  readonly template: PathTemplate;
  readonly service: string;
  /** What that service knows the path as, where that differs. */
  readonly as?: string;
}

export interface Operation {
  /** The `operationId`, or `GET /path` where the document gives none. */
  readonly id: string;
  /** Upper case. */
  readonly method: string;
  readonly template: PathTemplate;
  /** Path prefixes of the servers that offer it, without a slash at the end; never empty. */
  readonly basePaths: readonly [string, ...string[]];
  readonly parameters: readonly Parameter[];
  readonly body?: RequestBody;
  readonly responses: readonly DocumentedResponse[];
  /** By example name: the calls that come before. */
  readonly given: ReadonlyMap<string, readonly Precondition[]>;
  /** By example name: values that replace parts of the example. */
  readonly set: ReadonlyMap<string, readonly Assignment[]>;
  /** By example name: the services without which the example does not hold. */
  readonly needs: ReadonlyMap<string, readonly Need[]>;
  /** The security schemes that it takes, in the order of its (or the document's) `security`. */
  readonly schemes: readonly string[];
  /** By example name: the scheme that it uses instead; undefined, none. */
  readonly authorize: ReadonlyMap<string, string | undefined>;
  readonly at: Path;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required: boolean;
  /** False: several values of a list share one `name=a,b`. */
  readonly explode: boolean;
  readonly examples: ReadonlyMap<string, Example>;
  /** What to send under any other name: `example`, or the schema's own example or default. */
  readonly fallback?: Example;
  readonly schemaAt?: Path;
}

export interface RequestBody {
  readonly required: boolean;
  readonly media: readonly MediaType[];
}

export interface DocumentedResponse {
  /** `201`, `4XX` or `default`. */
  readonly status: string;
  readonly media: readonly MediaType[];
  readonly headers: readonly ResponseHeader[];
  readonly at: Path;
}

export interface ResponseHeader {
  /** As the document spells it. */
  readonly name: string;
  readonly required: boolean;
  readonly schemaAt?: Path;
}

export interface MediaType {
  /** Lower case, without parameters: `application/json`, `application/*`. */
  readonly type: string;
  readonly schemaAt?: Path;
  readonly examples: ReadonlyMap<string, Example>;
}

/** The name under which the variables of the service itself are found, as fields of earlier answers are. */
export const ENVIRONMENT = 'env';

/** The name of an example that the document gives no name. */
export const DEFAULT_EXAMPLE = 'default';

export interface Example {
  readonly value: unknown;
  readonly at: Path;
}

/** A call that comes before another one: which, how it differs from its example, and what its answer is called. */
export interface Precondition {
  readonly service?: string;
  readonly operation: string;
  readonly example: string;
  readonly as?: string;
  readonly set: readonly Assignment[];
  readonly at: Path;
}

/** A service that an example needs, and where the document says so. */
export interface Need {
  readonly service: string;
  readonly at: Path;
}

/** What comes before a call that needs a security scheme, and what it takes from that. */
export interface Authorization {
  readonly given: readonly Precondition[];
  readonly set: readonly Assignment[];
}

export interface Assignment {
  readonly target: AssignmentTarget;
  readonly value: AssignmentValue;
  /** The value is `name:password` and is sent as HTTP Basic credentials (RFC 7617). */
  readonly isBasic?: true;
  readonly at: Path;
}

export type AssignmentTarget =
  | { readonly in: 'body'; readonly steps: readonly string[] }
  | { readonly in: 'path' | 'query' | 'header'; readonly name: string };

export type AssignmentValue =
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'unique' }
  | BindingReference
  | { readonly kind: 'text'; readonly parts: readonly (string | BindingReference)[] };

/** A field of an earlier answer. */
export interface BindingReference {
  readonly kind: 'binding';
  readonly name: string;
  readonly steps: readonly string[];
}
