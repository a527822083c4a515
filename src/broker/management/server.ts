import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type BrokerClock, type BrokerStats, systemClock } from '../embedded/index.ts';
import { listen } from '../embedded/listen.ts';
import { exchangeDocument, overviewDocument, queueDocument } from './documents.ts';
import { PAGE, PAGE_POLICY } from './page.ts';
import { type Rates, watchRates } from './rates.ts';

export interface ManagementOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** The broker's own. */
  readonly credentials: { readonly user: string; readonly password: string };
  /** What the broker holds now; undefined while it is not there yet. */
  readonly read: () => BrokerStats | undefined;
  readonly clock?: BrokerClock;
}

/** Whoever started it closes it. */
export interface Management {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const MOST_CONNECTIONS = 50;
const IDLE_LIMIT_MS = 10_000;
/** A page elsewhere can lead its own name to this machine; its requests say so here. */
const OWN_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/**
 * Serves a page and `GET /api/overview`, `/api/queues` and `/api/exchanges` on both loopback addresses.
 * @throws ShopctlError `port-taken`
 */
export async function serveManagement({
  port,
  credentials,
  read,
  clock = systemClock,
}: ManagementOptions): Promise<Management> {
  const { user, password } = credentials;
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const rates = watchRates(read, clock);
  const server = createServer((request, response) => {
    send(
      response,
      request.method === 'HEAD',
      refusal(request, authorization) ?? answer(request, read(), rates),
    );
  });
  // The sockets come from listeners of their own, so the HTTP server neither counts nor closes them.
  const sockets = new Set<Socket>();
  try {
    const listening = await listen('localhost', port, (socket) => {
      if (sockets.size >= MOST_CONNECTIONS) {
        socket.destroy();
        return;
      }
      sockets.add(socket.setTimeout(IDLE_LIMIT_MS, () => socket.destroy()));
      socket.on('close', () => sockets.delete(socket));
      server.emit('connection', socket);
    });
    return {
      port: listening.port,
      url: `http://127.0.0.1:${listening.port}`,
      close: async () => {
        rates.stop();
        const closed = listening.close();
        for (const socket of sockets) socket.destroy();
        await closed;
      },
    };
  } catch (error) {
    rates.stop();
    throw error;
  }
}

function refusal({ method, headers }: IncomingMessage, authorization: string): Answer | undefined {
  if (!OWN_HOST.test(headers.host ?? '')) return json(403, problem('forbidden', 'this machine only'));
  if (method !== 'GET' && method !== 'HEAD') {
    return { ...json(405, problem('method_not_allowed', 'read only')), headers: { allow: 'GET, HEAD' } };
  }
  if (headers.authorization === authorization) return undefined;
  const challenge = { 'www-authenticate': 'Basic realm="shopctl broker"' };
  return { ...json(401, problem('not_authorized', 'Login failed')), headers: challenge };
}

function answer({ url = '/' }: IncomingMessage, stats: BrokerStats | undefined, rates: Rates): Answer {
  const [path = '/'] = url.split('?');
  if (path === '/')
    return { status: 200, type: 'text/html; charset=utf-8', body: PAGE, headers: PAGE_POLICY };
  const notFound = json(404, problem('Object Not Found', 'Not Found'));
  if (!path.startsWith('/api/')) return notFound;
  if (stats === undefined) return json(503, problem('unavailable', 'the broker is starting'));
  const [kind, vhost, name, ...more] = path.slice('/api/'.length).replace(/\/$/, '').split('/').map(decoded);
  if (more.length > 0 || (vhost !== undefined && vhost !== '/')) return notFound;
  if (kind === 'overview' && vhost === undefined) return json(200, overviewDocument(stats, rates));
  if (kind === 'queues') {
    const queues = stats.queues.map((queue) => queueDocument(queue, rates));
    return entries(queues, name) ?? notFound;
  }
  if (kind === 'exchanges') {
    const exchanges = stats.exchanges.map((exchange) => exchangeDocument(exchange, rates));
    return entries(exchanges, name) ?? notFound;
  }
  return notFound;
}

/** All of them, or the one of that name. */
function entries(all: readonly { readonly name: string }[], name: string | undefined): Answer | undefined {
  if (name === undefined) return json(200, all);
  const found = all.find((one) => one.name === name);
  return found === undefined ? undefined : json(200, found);
}

function send(response: ServerResponse, isHead: boolean, { status, type, body, headers }: Answer): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(isHead ? undefined : body);
}

function json(status: number, data: unknown): Answer {
  return { status, type: 'application/json', body: JSON.stringify(data) };
}

const problem = (error: string, reason: string) => ({ error, reason });

/** What is no encoding becomes a name that nothing has. */
function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return '\0';
  }
}
