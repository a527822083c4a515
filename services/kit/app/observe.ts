import { performance } from 'node:perf_hooks';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { contextFrom, runInContext } from '../context.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';

/** Gives each request its context, and when it is over a log line and its place in the metrics. */
export function observe(log: Logger, metrics: Metrics): RequestHandler {
  return (request, response, next) => {
    const startedMs = performance.now();
    const context = contextFrom({
      requestId: request.get('x-request-id'),
      traceparent: request.get('traceparent'),
      tracestate: request.get('tracestate'),
    });
    response.set('x-request-id', context.requestId);
    response.once('close', () => {
      const durationMs = performance.now() - startedMs;
      runInContext(context, () => tell({ request, response, durationMs, log, metrics }));
    });
    runInContext(context, () => next());
  };
}

interface Exchange {
  request: Request;
  response: Response;
  durationMs: number;
  log: Logger;
  metrics: Metrics;
}

function tell({ request, response, durationMs, log, metrics }: Exchange): void {
  const endpoint = endpointOf(response);
  // 499 is what nginx writes when the caller left before the answer.
  const status = response.writableFinished ? response.statusCode : 499;
  metrics.countRequest({ method: request.method, endpoint, status, seconds: durationMs / 1_000 });
  const facts = {
    method: request.method,
    path: loggedPath(request.path),
    endpoint,
    status,
    ms: Math.round(durationMs * 1_000) / 1_000,
    bytes_in: Number(request.get('content-length') ?? 0),
    bytes_out: Number(response.get('content-length') ?? 0),
    user_agent: request.get('user-agent')?.slice(0, 200),
  };
  if (status >= 500) log.error(facts, 'request failed');
  else log.info(facts, 'request answered');
}

/** What can be neither an id nor a part of a route (an e-mail address, a token, any other text) is nobody's business. */
function loggedPath(path: string): string {
  return path
    .split('/')
    .map((segment) => (/^(\.?[\w-]{0,64}|[\w-]{1,64}\.json)$/.test(segment) ? segment : '[redacted]'))
    .join('/');
}

/** Marks the route template that a request has reached. */
export function reached(template: string): RequestHandler {
  return (_request: Request, response: Response, next: NextFunction) => {
    response.locals['endpoint'] = template;
    next();
  };
}

function endpointOf(response: Response): string {
  const endpoint: unknown = response.locals['endpoint'];
  return typeof endpoint === 'string' ? endpoint : 'unmatched';
}
