import { Agent } from 'undici';
import type { Clock } from '../clock.ts';
import { propagationHeaders } from '../context.ts';
import { Problem } from '../problem.ts';
import type { Random } from '../random.ts';
import { type TlsSettings, trustOptions } from '../tls.ts';
import { inSpan, questionSpan, type Tracer, tellStatus } from '../tracing/index.ts';
import type { Credentials } from './credentials.ts';
import { upstreamDown, upstreamNonsense, upstreamTimeout } from './failure.ts';
import { readBounded } from './read-body.ts';

/** One question to another service. */
export interface UpstreamCall {
  method: 'GET' | 'PUT' | 'POST';
  path: string;
  body?: unknown;
  idempotencyKey?: string;
  /** A POST that changes nothing, so that asking again does no harm. */
  isHarmless?: boolean;
  signal?: AbortSignal;
}

/** Its answer below 500: what it means is for the caller to decide. */
export interface UpstreamAnswer {
  status: number;
  body: unknown;
}

/** Another service. Owns its connections until `close`. */
export interface Upstream {
  name: string;
  /** Throws a 502, 503 or 504 problem when there is no usable answer. */
  call(call: UpstreamCall): Promise<UpstreamAnswer>;
  /** Whether the service says that it is ready; asks once, for at most 500 ms. */
  isAvailable(signal?: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}

interface UpstreamOptions {
  name: string;
  baseUrl: string;
  clock: Clock;
  random: Random;
  /** For one attempt. */
  timeoutMs?: number;
  attempts?: number;
  /** Waits before further attempts grow from this, doubling, with jitter. */
  firstRetryMs?: number;
  maxBodyBytes?: number;
  /** What this service shows to the other; undefined: nothing. */
  credentials?: Credentials | undefined;
  /** Whose certificates count at an https address; undefined: those that Node knows. */
  trust?: TlsSettings['trust'];
  /** Takes note of each attempt. */
  tracer?: Tracer | undefined;
}

/** A question, and how often it was asked before. */
type Asked = UpstreamCall & { resends: number };

type Settings = Required<UpstreamOptions> & { agent: () => Agent };

export function createUpstream(options: UpstreamOptions): Upstream {
  const { trust } = options;
  let agent: Agent | undefined;
  const settings = {
    timeoutMs: 5_000,
    attempts: 3,
    firstRetryMs: 50,
    maxBodyBytes: 1_000_000,
    credentials: undefined,
    trust: undefined,
    tracer: undefined,
    ...options,
    // Made for the first question: to load what it is made of is no part of a service's start.
    agent: () => (agent ??= agentFor(trust)),
  };
  return {
    name: options.name,
    call: (call) => callWithRetries(settings, call),
    isAvailable: async (signal) => {
      const question = {
        method: 'GET',
        path: '/healthz',
        resends: 0,
        ...(signal === undefined ? {} : { signal }),
      } as const;
      return await attempt({ ...settings, timeoutMs: 500 }, question).then(
        ({ status }) => status === 200,
        () => false,
      );
    },
    close: async () => agent?.close(),
  };
}

function agentFor(trust: TlsSettings['trust']): Agent {
  return new Agent({
    connections: 64,
    keepAliveTimeout: 2_000,
    keepAliveMaxTimeout: 2_000,
    keepAliveTimeoutThreshold: 3_000,
    connect: trustOptions(trust),
  });
}

/** Asking again is harmless for GET and PUT, and for a POST that carries an idempotency key or changes nothing. */
async function callWithRetries(settings: Settings, call: UpstreamCall): Promise<UpstreamAnswer> {
  const isRepeatable =
    call.method !== 'POST' || call.idempotencyKey !== undefined || call.isHarmless === true;
  const attempts = isRepeatable ? settings.attempts : 1;
  for (let number = 1; ; number += 1) {
    try {
      return await attemptAsKnown(settings, { ...call, resends: number - 1 });
    } catch (error) {
      const isWorthAnother = error instanceof Problem && error.facts.status !== 502;
      if (number >= attempts || !isWorthAnother || call.signal?.aborted) throw error;
      const ceilingMs = settings.firstRetryMs * 2 ** (number - 1);
      await settings.clock.sleep(ceilingMs * (0.5 + settings.random() / 2), call.signal);
    }
  }
}

/** One attempt with this service's credentials, and when those are refused one more with new ones: a 401 did nothing. */
async function attemptAsKnown(settings: Settings, call: Asked): Promise<UpstreamAnswer> {
  const { credentials } = settings;
  if (credentials === undefined) return await attempt(settings, call);
  const authorization = await credentials.authorization();
  const answer = await attempt(settings, call, authorization);
  if (answer.status !== 401 || !credentials.renew(authorization)) return answer;
  return await attempt(settings, { ...call, resends: call.resends + 1 }, await credentials.authorization());
}

async function attempt(settings: Settings, call: Asked, authorization?: string): Promise<UpstreamAnswer> {
  const { name, tracer, baseUrl } = settings;
  return await inSpan(
    tracer,
    () => questionSpan({ peer: name, baseUrl, ...call }),
    async (span) => {
      const { status, text } = await askInTime(settings, call, authorization);
      tellStatus(span, status);
      if (status === 503) throw upstreamDown(name);
      if (status === 504) throw upstreamTimeout(name);
      if (status >= 500) throw upstreamNonsense(name, `answered ${status}`);
      if (text === undefined) throw upstreamNonsense(name, 'answered too much');
      return { status, body: parseJson(name, text) };
    },
  );
}

async function askInTime(settings: Settings, call: Asked, authorization?: string) {
  const { name } = settings;
  const deadline = AbortSignal.timeout(settings.timeoutMs);
  const signal = call.signal === undefined ? deadline : AbortSignal.any([deadline, call.signal]);
  return await exchange(settings, { ...call, signal }, authorization).catch((error: unknown) => {
    if (call.signal?.aborted) throw error;
    throw deadline.aborted ? upstreamTimeout(name, error) : upstreamDown(name, error);
  });
}

async function exchange(
  settings: Settings,
  call: UpstreamCall & { signal: AbortSignal },
  authorization?: string,
) {
  const { origin, pathname, search } = new URL(`${settings.baseUrl}${call.path}`);
  const answer = await settings.agent().request({
    origin,
    path: `${pathname}${search}`,
    method: call.method,
    signal: call.signal,
    headers: {
      ...propagationHeaders(),
      accept: 'application/json',
      ...(authorization === undefined ? {} : { authorization }),
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(call.idempotencyKey === undefined ? {} : { 'idempotency-key': call.idempotencyKey }),
    },
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
  });
  return { status: answer.statusCode, text: await readBounded(answer.body, settings.maxBodyBytes) };
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw upstreamNonsense(name, 'did not answer with JSON', error);
  }
}
