import { Agent, Pool } from 'undici';
import type { Exchange } from '../model/index.ts';
import { failureOf } from './failure.ts';
import { type HttpRequest, toSentRequest } from './request.ts';
import { receive } from './response.ts';
import { createTrust, type TrustedAuthority } from './trust.ts';

/** Beyond this an answer is cut: a runaway body must not take the memory of the run. */
const DEFAULT_MAX_BODY_BYTES = 5 * 1024 * 1024;

/** Timers of Node hold 31 bits; what is longer would go off at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface HttpClientOptions {
  /** Connections at a time for each origin; unlimited when left out. */
  readonly connections?: number;
  readonly maxBodyBytes?: number;
  /** Authorities of single origins; elsewhere those that Node knows decide. */
  readonly trusted?: readonly TrustedAuthority[];
}

export interface SendOptions {
  readonly signal?: AbortSignal;
  /** From the first byte sent to the last byte received. */
  readonly timeoutMs: number;
}

export interface HttpClient {
  /** Never throws for what the network or the server does: that is an exchange with a `failure`. */
  send(request: HttpRequest, options: SendOptions): Promise<Exchange>;
  /** Closes every connection, requests under way included. */
  close(): Promise<void>;
}

/** A client with keep-alive connections. Redirects are answers like any other and are not followed. */
export function createHttpClient({
  connections,
  maxBodyBytes = DEFAULT_MAX_BODY_BYTES,
  trusted = [],
}: HttpClientOptions = {}): HttpClient {
  const trustAt = createTrust(trusted);
  // The one deadline is ours (wall clock, whole exchange), so undici's own two are switched off.
  const agent = new Agent({
    connections: connections ?? null,
    headersTimeout: 0,
    bodyTimeout: 0,
    // A connection is not used any more so long before the server says that it will close it, and in any case after two
    // seconds: on a busy machine the server's end would otherwise meet our next request.
    keepAliveTimeoutThreshold: 3_000,
    keepAliveTimeout: 2_000,
    keepAliveMaxTimeout: 2_000,
    factory: (origin, options) => new Pool(origin, { ...options, connect: { ...trustAt(String(origin)) } }),
  });
  return {
    send: (request, options) => exchange(agent, maxBodyBytes, { request, options }),
    close: () => agent.destroy(),
  };
}

async function exchange(
  agent: Agent,
  maxBodyBytes: number,
  { request, options }: { request: HttpRequest; options: SendOptions },
): Promise<Exchange> {
  const sent = toSentRequest(request);
  const deadline = AbortSignal.timeout(Math.min(MAX_TIMER_MS, Math.max(1, Math.ceil(options.timeoutMs))));
  const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]);
  const startedAtMs = Date.now();
  const start = performance.now();
  const facts = () => ({ request: sent, startedAtMs, durationMs: performance.now() - start });
  try {
    const answer = await agent.request({
      method: sent.method,
      origin: new URL(sent.url).origin,
      path: pathOf(sent.url),
      headers: sent.headers,
      body: sent.body ?? null,
      signal,
    });
    const response = await receive(answer, maxBodyBytes);
    return { ...facts(), response };
  } catch (error) {
    const failure = failureOf(error, {
      url: sent.url,
      timeoutMs: options.timeoutMs,
      isTimedOut: deadline.aborted,
      isAborted: options.signal?.aborted ?? false,
    });
    return { ...facts(), failure };
  }
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}
