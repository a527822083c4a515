import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import type { Guard } from '../identity/index.ts';
import { onDemand } from '../on-demand.ts';
import type { Hold } from '../simulation/index.ts';
import { reached } from './observe.ts';
import { readRequest } from './read-request.ts';
import type { Answer, BoundRoute } from './route.ts';

const maxBodyBytes = 1_000_000;

/** The body is read as text whatever its declared type, so that one place decides about types and JSON. */
const readText = onDemand(() =>
  express.text({ type: () => true, limit: maxBodyBytes, inflate: false, defaultCharset: 'utf-8' }),
);

const verbs = { GET: 'get', POST: 'post', PUT: 'put', DELETE: 'delete' } as const;

const atOnce = (): Hold => async (_signal, work) => await work();

interface MountOptions {
  /** Decides who is let in, before anything else is looked at. */
  guard: Guard;
  /** Asked as each request comes: what holds it back or fails it on purpose, if anything does. */
  meet?: () => Hold;
}

/** Hangs a route into Express. */
export function mount(app: Express, route: BoundRoute, { guard, meet = atOnce }: MountOptions): void {
  const respond: RequestHandler = async (request, response) => {
    const hold = meet();
    const signal = abortedWhenGone(response);
    const authorization = request.get('authorization');
    const identity = await guard.identify({ authorization, access: route.access, signal });
    if (route.mediaTypes.length > 0) await readBody(request, response);
    const facts = { instance: request.path, identity, authorization, signal };
    const answer = await hold(signal, async () => route.answer(readRequest(request, route), facts));
    send(response, answer);
  };
  // Express writes a path parameter as ":id", OpenAPI as "{id}".
  app[verbs[route.method]](route.path.replaceAll(/\{(\w+)\}/g, ':$1'), reached(route.path), respond);
}

/** Leaves the text in `request.body`; throws what Express throws for a body that it does not read. */
async function readBody(request: Request, response: Response): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    readText()(request, response, (error: unknown) => (error === undefined ? resolve() : reject(error)));
  });
}

function send(response: Response, { status, body, headers }: Answer): void {
  response.status(status).set(headers ?? {});
  if (typeof body === 'string' || Buffer.isBuffer(body)) response.send(body);
  else response.type('application/json').send(JSON.stringify(body));
}

function abortedWhenGone(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}
