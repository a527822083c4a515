/** One thing that is wrong with a request: where (a JSON pointer fragment, or `query/limit`) and what. */
export interface Complaint {
  pointer: string;
  message: string;
}

/** What an error answer says, in the words of RFC 9457. */
export interface ProblemFacts {
  status: number;
  /** Last part of the problem type, for example `insufficient-funds`. */
  kind: string;
  title: string;
  detail: string;
  errors?: readonly Complaint[];
  /** Further documented members of the answer. */
  members?: Readonly<Record<string, unknown>>;
  headers?: Readonly<Record<string, string>>;
}

/** An error that may be shown to whoever asked: thrown by rules and routes, answered as `application/problem+json`. */
export class Problem extends Error {
  readonly facts: ProblemFacts;

  constructor(facts: ProblemFacts, options?: ErrorOptions) {
    super(facts.detail, options);
    this.name = 'Problem';
    this.facts = facts;
  }
}

/** 400: the request does not fit its description. At most 20 complaints are told. */
export function invalidRequest(errors: readonly Complaint[]): Problem {
  const [first] = errors;
  return new Problem({
    status: 400,
    kind: 'invalid-request',
    title: 'The request is not valid',
    detail: first === undefined ? 'The request is not valid.' : `${first.pointer}: ${first.message}`,
    ...(first === undefined ? {} : { errors: errors.slice(0, 20) }),
  });
}

/** 404: nothing has that id. `what` is the noun, for example `order`. */
export function notFound(what: string, id: string): Problem {
  return new Problem({
    status: 404,
    kind: `unknown-${what}`,
    title: `There is no such ${what}`,
    detail: `There is no ${what} with the id "${id}".`,
  });
}

/** 503 with `Retry-After`: the same request may succeed later. */
export function unavailable(kind: string, detail: string, cause?: unknown): Problem {
  return new Problem(
    { status: 503, kind, title: 'Not available now', detail, headers: { 'retry-after': '1' } },
    { cause },
  );
}

/** The body of a problem answer. `instance` is the path that was asked. */
export function problemBody(facts: ProblemFacts, instance: string, requestId: string | undefined) {
  return {
    type: `urn:shop:problem:${facts.kind}`,
    title: facts.title,
    status: facts.status,
    detail: facts.detail,
    instance,
    ...(requestId === undefined ? {} : { request_id: requestId }),
    ...(facts.errors === undefined ? {} : { errors: facts.errors }),
    ...facts.members,
  };
}
