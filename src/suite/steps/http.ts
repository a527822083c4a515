import { DURATION_PATTERN, parseDuration } from '../../lib/duration.ts';
import type { JsonSchema } from '../../lib/json-schema.ts';
import { requestName } from '../../lib/request-name.ts';
import { type Path, problemAt } from '../../source/index.ts';
import { compileExpect, expectSchema } from '../assertions/index.ts';
import { type CompileContext, declare } from '../compile-context.ts';
import type { RawStep } from '../file.ts';
import type { StepKind } from '../step-kind.ts';
import { captureOf, judge } from './http-judge.ts';
import { compileRequest } from './http-request.ts';
import { exchangeAll, exchangeOnce, PARALLEL_SCOPE } from './http-send.ts';
import { compilePoll, pollSchema } from './poll.ts';

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'] as const;
const DEFAULT_TIMEOUT_MS = 30_000;
const MAX_PARALLEL = 500;

const urlSchema = (method: string): JsonSchema => ({
  type: 'string',
  minLength: 1,
  description: `a URL, such as \${users}/api/users: sends ${method.toUpperCase()}`,
});

/** One HTTP request, or many at once, with what is expected of the answer beside it. */
export const http: StepKind = {
  name: 'http',
  markers: METHODS,
  keys: {
    ...Object.fromEntries(METHODS.map((method) => [method, urlSchema(method)])),
    id: {
      type: 'string',
      minLength: 1,
      description: 'a name under which later steps find the answer: <id>.status, <id>.headers, <id>.body',
    },
    headers: {
      type: 'object',
      description: 'a mapping of request headers',
      additionalProperties: { type: ['string', 'number', 'boolean'], description: 'a text' },
    },
    json: { description: 'the request body, sent as JSON; values keep their types' },
    body: { type: 'string', description: 'the request body as text' },
    form: {
      type: 'object',
      description: 'a mapping of form fields (application/x-www-form-urlencoded)',
      additionalProperties: { type: ['string', 'number', 'boolean'], description: 'a text or a number' },
    },
    timeout: {
      type: 'string',
      pattern: DURATION_PATTERN,
      description:
        'a duration such as 500ms or 10s, until which the whole answer must be there (default 30s)',
    },
    parallel: {
      type: 'integer',
      minimum: 2,
      maximum: MAX_PARALLEL,
      description: `a number of requests from 2 to ${MAX_PARALLEL}, sent at the same time`,
    },
    expect: expectSchema,
    poll: pollSchema,
  },
  compile: compileHttp,
};

function compileHttp(raw: RawStep, path: Path, context: CompileContext) {
  const method = METHODS.find((key) => Object.hasOwn(raw, key)) ?? 'get';
  const parallel = typeof raw['parallel'] === 'number' ? raw['parallel'] : 1;
  const isParallel = parallel > 1;
  refuseContradictions(raw, path, context);
  const names = isParallel ? new Set([...context.names, ...PARALLEL_SCOPE]) : context.names;
  const request = compileRequest({ method, raw, path, context: { ...context, names } });
  const timeoutMs = parseDuration(String(raw['timeout'] ?? '')) ?? DEFAULT_TIMEOUT_MS;
  const poll = compilePoll(raw['poll'], [...path, 'poll'], context);
  const hasExpect = isMapping(raw['expect']);
  const expected = isMapping(raw['expect']) ? raw['expect'] : {};
  const expectPath = hasExpect ? [...path, 'expect'] : [...path, method];
  const checks = compileExpect(expected, expectPath, { ...context, isParallel });
  const id = typeof raw['id'] === 'string' ? raw['id'] : undefined;
  if (id !== undefined) declare(context, id, [...path, 'id']);
  const { document } = context;
  const place = document.placeOf([...path, method], 'key');
  const url = String(raw[method]);
  const name = id ?? requestName(method, url);
  return {
    title: `${method.toUpperCase()} ${url}`,
    sends: [{ name, url }],
    run: async (run) => {
      const exchanges = isParallel
        ? await exchangeAll({ name, count: parallel, request, timeoutMs, run })
        : [await exchangeOnce({ name, request, timeoutMs, poll, run, document, place })];
      if (id !== undefined) Object.assign(run.scope, captureOf(id, exchanges, isParallel));
      judge({ exchanges, checks, run, document, place });
    },
  } satisfies ReturnType<StepKind['compile']>;
}

function refuseContradictions(raw: RawStep, path: Path, { document, problems }: CompileContext): void {
  const bodies = ['json', 'body', 'form'].filter((key) => Object.hasOwn(raw, key));
  const [, second] = bodies;
  if (second !== undefined) {
    problems.push(
      problemAt(
        document,
        [...path, second],
        `a request has one body, not both \`${bodies.join('` and `')}\``,
      ),
    );
  }
  if (Object.hasOwn(raw, 'poll') && Object.hasOwn(raw, 'parallel')) {
    problems.push(
      problemAt(document, [...path, 'poll'], 'a step cannot both poll and send requests in parallel'),
    );
  }
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
