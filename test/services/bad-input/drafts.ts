import { ENVIRONMENT } from '../../../src/contract/openapi/contract.ts';
import { assign, resolveAssignments } from '../../../src/contract/verify/assign.ts';
import type { RequestParts } from '../../../src/contract/verify/example-request.ts';
import type { PlannedCall } from '../../../src/contract/verify/plan.ts';
import { type CallTools, runCall } from '../../../src/contract/verify/run-call.ts';
import { writeRequest } from '../../../src/contract/verify/write-request.ts';
import type { SentRequest } from '../../../src/model/index.ts';
import type { Described } from './described.ts';
import { sampleOf } from './sample.ts';
import type { People } from './tokens.ts';

/** A request before it is sent, and what is written over it when it is. */
export interface Draft {
  parts: RequestParts;
  /** Sent instead of the body of `parts`. */
  text?: string;
  /** Undefined takes a header away. */
  headers?: Readonly<Record<string, string | undefined>>;
  /** Added to the query as it is. */
  query?: string;
}

/** A request that would be answered with success, if that can be had. `call` chooses among the documented ones. */
export async function goodDraft(
  described: Described,
  { tools, people, call = described.successes[0] }: { tools: CallTools; people: People; call?: PlannedCall },
): Promise<Draft> {
  const parts = call === undefined ? madeUp(described) : await prepared(tools, call);
  const { scheme } = described.access;
  const authorization = { bearer: people.admin, basic: people.asService('users') };
  return { parts, headers: scheme === undefined ? {} : { authorization: authorization[scheme] } };
}

/** The request of an example, after everything that comes before it. */
async function prepared(tools: CallTools, call: PlannedCall): Promise<RequestParts> {
  const bindings = new Map<string, unknown>([[ENVIRONMENT, call.service.env ?? {}]]);
  for (const step of call.given) {
    const set = resolveAssignments(step.set, bindings, tools.unique);
    const { isAsExpected, exchange, findings } = await runCall(tools, step.call, set);
    if (!isAsExpected)
      throw new Error(`${call.operation.id}: ${findings[0]?.message ?? 'no reason is known'}`);
    if (step.as !== undefined) bindings.set(step.as, exchange?.response?.json);
  }
  const own = resolveAssignments(call.set, bindings, tools.unique);
  return assign(call.parts, own, call.operation.body?.media[0]?.type ?? 'application/json');
}

/** Where no success is documented: every value fits, though nothing need be called like that. */
function madeUp({ parameters, body }: Described): RequestParts {
  const place = (where: string) =>
    new Map(
      parameters
        .filter((parameter) => parameter.in === where && (parameter.required || where === 'path'))
        .map(({ name, schema }) => [name, sampleOf(schema)]),
    );
  return {
    path: place('path'),
    query: place('query'),
    header: place('header'),
    cookie: new Map(),
    ...(body === undefined ? {} : { body: { mediaType: 'application/json', value: body.example } }),
  };
}

export function written(baseUrl: string, { operation }: Described, draft: Draft): SentRequest {
  const { url, headers, ...rest } = writeRequest(baseUrl, operation, draft.parts);
  const all = Object.entries({ ...headers, ...draft.headers });
  const separator = url.includes('?') ? '&' : '?';
  return {
    ...rest,
    url: draft.query === undefined ? url : `${url}${separator}${draft.query}`,
    headers: Object.fromEntries(all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
    ...(draft.text === undefined ? {} : { body: draft.text }),
  };
}

export function withBody(draft: Draft, value: unknown): Draft {
  return { ...draft, parts: { ...draft.parts, body: { mediaType: 'application/json', value } } };
}

export function withText(draft: Draft, text: string, mediaType: string | undefined): Draft {
  return { ...draft, text, headers: { ...draft.headers, 'content-type': mediaType } };
}

export function withMember(draft: Draft, steps: readonly string[], value: unknown): Draft {
  return {
    ...draft,
    parts: assign(draft.parts, [{ target: { in: 'body', steps }, value }], 'application/json'),
  };
}

export function withParameter(
  draft: Draft,
  { in: place, name }: { in: 'path' | 'query' | 'header' | 'cookie'; name: string },
  value: unknown,
): Draft {
  if (place === 'cookie') throw new Error('cookies are not derived');
  return {
    ...draft,
    parts: assign(draft.parts, [{ target: { in: place, name }, value }], 'application/json'),
  };
}

export function as(draft: Draft, authorization: string | undefined): Draft {
  return { ...draft, headers: { ...draft.headers, authorization } };
}
