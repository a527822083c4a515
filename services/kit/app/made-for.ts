import { IncomingMessage, ServerResponse } from 'node:http';
import type { Express } from 'express';

/** The classes of which a server makes its requests and answers; options of `http.createServer`. */
export interface ServerClasses {
  IncomingMessage: typeof IncomingMessage;
  ServerResponse: typeof ServerResponse;
}

/**
 * Requests and answers that are an app's own from their birth. Express changes the prototype of each one that is not,
 * with which V8 keeps it until the next major collection: memory swings with the load, and two thirds of the
 * throughput of a small handler are lost.
 */
export function madeFor(app: Express): ServerClasses {
  class AppRequest extends IncomingMessage {}
  class AppResponse<Request extends IncomingMessage> extends ServerResponse<Request> {}
  app.request = Object.setPrototypeOf(AppRequest.prototype, app.request);
  app.response = Object.setPrototypeOf(AppResponse.prototype, app.response);
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse };
}
