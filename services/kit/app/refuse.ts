import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Logger } from '../log.ts';
import { Problem } from '../problem.ts';
import type { BoundRoute } from './route.ts';
import { sendProblem, toProblem } from './send-problem.ts';

/** Answers what no route has taken: 405 with `Allow` when the path exists under other methods, 404 otherwise. */
export function refuseUnknown(routes: readonly BoundRoute[]): RequestHandler {
  const templates = routes.map(({ method, path }) => ({
    method,
    pattern: new RegExp(
      `^${path.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`,
      'i',
    ),
  }));
  return (request) => {
    const allowed = templates.filter(({ pattern }) => pattern.test(request.path)).map(({ method }) => method);
    if (allowed.length === 0) {
      throw new Problem({
        status: 404,
        kind: 'unknown-route',
        title: 'There is nothing here',
        detail: `${request.method} ${request.path} is not an endpoint of this service; GET / lists them.`,
      });
    }
    throw new Problem({
      status: 405,
      kind: 'method-not-allowed',
      title: 'The method is not allowed here',
      detail: `${request.path} takes ${allowed.join(', ')}.`,
      headers: { allow: allowed.join(', ') },
    });
  };
}

/** Turns every error into a problem answer; what is the service's own fault goes to the log with its stack. */
export function answerFailure(log: Logger): ErrorRequestHandler {
  // Express tells error handlers from others by their four parameters.
  return (error: unknown, request, response, _next) => {
    if (response.destroyed) return;
    const problem = toProblem(error);
    const { status, kind } = problem.facts;
    if (status === 500) log.error({ err: problem.cause }, 'unforeseen error');
    else if (status > 500) log.warn({ kind, cause: String(problem.cause ?? '') }, problem.message);
    if (response.headersSent) response.destroy();
    else sendProblem(response, problem, request.path);
  };
}
