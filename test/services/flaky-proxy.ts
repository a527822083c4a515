import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { ask } from './ask.ts';

/**
 * `lose`: the request takes effect and its answer never arrives. `drop`: it never arrives at all. `hang`: it takes effect,
 * and whoever asked waits for an answer until the proxy is stopped. `hold`: as `hang`, without any effect. `garble` and
 * `refuse`: it never arrives, and the answer, 200 or 409, says nothing.
 */
export type Mischief = 'lose' | 'drop' | 'hang' | 'hold' | 'garble' | 'refuse' | 'pass';

export interface FlakyProxy {
  url: string;
  /** Decides what happens to each request; `pass` for all until it is set. */
  decide: (method: string, path: string) => Mischief;
  /** From now on that is the service behind. */
  leadTo: (target: string) => void;
  /** `METHOD path` of everything that reached the service behind. */
  passed: string[];
  /** `METHOD path` of everything that waits for its answer in vain. */
  waiting: string[];
  stop(): Promise<void>;
}

/** Stands between two services and breaks what a network can break. */
export async function startFlakyProxy(firstTarget: string): Promise<FlakyProxy> {
  let target = firstTarget;
  const server = createServer((request, response) => {
    forward(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const proxy: FlakyProxy = {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`,
    decide: () => 'pass',
    leadTo: (next) => {
      target = next;
    },
    passed: [],
    waiting: [],
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '' } = request;
    const mischief = proxy.decide(method, path);
    const body = await text(request);
    if (mischief === 'drop') return void response.destroy();
    if (mischief === 'hold') return void proxy.waiting.push(`${method} ${path}`);
    const made = { garble: 200, refuse: 409 }[String(mischief)];
    if (made !== undefined) {
      response.writeHead(made, { 'content-type': 'application/json' }).end('{}');
      return;
    }
    proxy.passed.push(`${method} ${path}`);
    const headers = passedOn(request);
    const answer = await ask(
      method,
      `${target}${path}`,
      body === '' ? { headers } : { headers, rawBody: body },
    );
    if (mischief === 'lose') return void response.destroy();
    if (mischief === 'hang') return void proxy.waiting.push(`${method} ${path}`);
    response
      .writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
      .end(answer.text);
  }
  return proxy;
}

function passedOn({ headers }: IncomingMessage): Record<string, string> {
  const names = ['authorization', 'content-type', 'idempotency-key', 'traceparent', 'x-request-id'];
  return Object.fromEntries(
    names.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : [])),
  );
}
