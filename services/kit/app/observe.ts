import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { contextFrom } from '../context.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { shownPath } from '../shown-path.ts';
import { continueSpan, requestSpan, type Tracer, tellAnswer } from '../tracing/index.ts';

interface Observers {
  log: Logger;
  metrics: Metrics;
  tracer: Tracer | undefined;
}

/** Gives each request its context and span, and when it is over a log line and its place in the metrics. */
export function observe({ log, metrics, tracer }: Observers): RequestHandler {
  return (request, response, next) => {
    const startedMs = performance.now();
    const context = contextFrom({
      requestId: request.get('x-request-id'),
      traceparent: request.get('traceparent'),
      tracestate: request.get('tracestate'),
    });
    response.set('x-request-id', context.requestId);
    const span = continueSpan(tracer, context, () => requestSpan(request));
    response.once('close', () => {
      const durationMs = performance.now() - startedMs;
      const answered = {
        method: request.method,
        route: routeOf(response),
        // 499 is what nginx writes when the caller left before the answer.
        status: response.writableFinished ? response.statusCode : 499,
      };
      span.run(() => tell({ request, response, ...answered, durationMs, log, metrics }));
      tellAnswer(span, answered);
      span.end();
    });
    span.run(() => next());
  };
}

interface Exchange {
  request: Request;
  response: Response;
  method: string;
  route: string | undefined;
  status: number;
  durationMs: number;
  log: Logger;
  metrics: Metrics;
}

function tell({ request, response, method, route, status, durationMs, log, metrics }: Exchange): void {
  const endpoint = route ?? 'unmatched';
  metrics.countRequest({ method, endpoint, status, seconds: durationMs / 1_000 });
  const facts = {
    method,
    path: shownPath(request.path),
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

/** Marks the route template that a request has reached. */
export function reached(template: string): RequestHandler {
  return (_request: Request, response: Response, next: NextFunction) => {
    response.locals['endpoint'] = template;
    next();
  };
}

function routeOf(response: Response): string | undefined {
  const endpoint: unknown = response.locals['endpoint'];
  return typeof endpoint === 'string' ? endpoint : undefined;
}
