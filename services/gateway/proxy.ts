import type { Request, Response } from 'express';
import { Pool } from 'undici';
import { type Logger, type TlsSettings, type Tracer, trustOptions } from '../kit/index.ts';
import { openSpan, questionSpan, reasonCode, type Span, tellStatus } from '../kit/tracing/index.ts';
import { boundedBody } from './bounded-body.ts';
import type { Breaker } from './breaker.ts';
import { ClientGone, FailingAnswer, noAnswer } from './no-answer.ts';
import { passAnswerHeaders, requestHeaders } from './passed-headers.ts';

/** The way to one service. Owns its connections until `close`. */
export interface ServiceProxy {
  /**
   * Sends a request on and its answer back, both as they come in, without ever holding a whole body. `target` is path
   * and query at the service. Throws a 413, 502, 503 or 504 problem when there is no answer to send; an answer that
   * breaks off half-way breaks off for the client too, and a client that leaves frees the service.
   */
  forward(request: Request, response: Response, target: string): Promise<void>;
  close(): Promise<void>;
}

interface ProxyOptions {
  name: string;
  baseUrl: string;
  timeoutMs: number;
  breaker: Breaker;
  trust: TlsSettings['trust'];
  log: Logger;
  /** Takes note of what is sent on. */
  tracer: Tracer | undefined;
}

export function createProxy(options: ProxyOptions): ServiceProxy {
  const { name, baseUrl, timeoutMs, breaker, trust, log, tracer } = options;
  const { origin, pathname } = new URL(baseUrl);
  const prefix = pathname.replace(/\/$/, '');
  let pool: Pool | undefined;
  return {
    forward: async (request, response, target) => {
      const path = `${prefix}${target}`;
      const describe = () => questionSpan({ peer: name, baseUrl: origin, path, method: request.method });
      const open = () => openSpan(tracer, describe);
      // Made for the first request: to load what it is made of is no part of a service's start.
      pool ??= poolFor(origin, timeoutMs, trust);
      const exchange = prepare({ pool, name, request, response, path, open });
      try {
        await breaker.run(exchange.begin);
      } catch (error) {
        if (error instanceof ClientGone) return;
        if (!(error instanceof FailingAnswer)) throw error;
      }
      const brokeOff = await exchange.end();
      if (brokeOff === undefined) return;
      response.destroy();
      log.warn({ upstream: name, cause: String(brokeOff) }, `an answer of the ${name} service broke off`);
    },
    close: async () => pool?.destroy(),
  };
}

function poolFor(origin: string, timeoutMs: number, trust: TlsSettings['trust']): Pool {
  return new Pool(origin, {
    connections: 128,
    // Well below the minute for which a service keeps a silent connection: none is used in the moment of its end.
    keepAliveTimeout: 2_000,
    keepAliveMaxTimeout: 2_000,
    keepAliveTimeoutThreshold: 3_000,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: { timeout: Math.min(timeoutMs, 2_000), ...trustOptions(trust) },
  });
}

interface ExchangeOptions {
  pool: Pool;
  name: string;
  request: Request;
  response: Response;
  path: string;
  /** The span of what is sent on. */
  open: () => Span;
}

interface Exchange {
  /** Sends the request; resolves when an answer below 500 has begun, and throws otherwise. */
  begin(): Promise<void>;
  /** Resolves when the answer that has begun is over: with the error that cut it off, if the client is still there. */
  end(): Promise<Error | undefined>;
}

/** Reads the request; throws when it must not be passed on. Nothing is sent yet. */
function prepare({ pool, name, request, response, path, open }: ExchangeOptions): Exchange {
  const body = boundedBody(request);
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  let over: Promise<Error | undefined> = Promise.resolve(undefined);
  const begin = () =>
    new Promise<void>((resolve, reject) => {
      const { method } = request;
      const span = open();
      const headers = span.run(() => requestHeaders(request));
      const options = { method, path, headers, body, signal: gone.signal };
      const exchanged = pool.stream(options, ({ statusCode, headers }) => {
        tellStatus(span, statusCode);
        response.status(statusCode);
        passAnswerHeaders(response, headers);
        // An answer without a length may be a stream of events, whose first bytes come late.
        if (headers['content-length'] === undefined) response.flushHeaders();
        if (statusCode < 500) resolve();
        else reject(new FailingAnswer());
        return response;
      });
      over = exchanged.then(
        () => {
          span.end();
          return undefined;
        },
        (error: Error) => {
          // When the service breaks off, undici closes the answer with that error; a client closes it with none.
          const isGone = gone.signal.aborted && response.errored === null;
          span.fail(isGone ? 'client-gone' : reasonCode(error));
          span.end();
          reject(isGone ? new ClientGone() : noAnswer(name, error));
          return isGone ? undefined : (response.errored ?? error);
        },
      );
    });
  return { begin, end: () => over };
}
