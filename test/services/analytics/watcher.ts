import { once } from 'node:events';
import { onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { patience } from '../kit/bus/broker.ts';

/** A client of `/live`. */
export interface Watcher {
  socket: WebSocket;
  /** What it has been sent so far. */
  messages: Record<string, unknown>[];
  /** The first message of which that holds, once it is there. */
  until(isEnough: (message: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  /** How the connection ended, once it has. */
  closed: Promise<{ code: number; reason: string }>;
}

interface WatchOptions {
  headers?: Record<string, string>;
  autoPong?: boolean;
}

/** Opens a WebSocket; rejects when it is refused. It is cut off when the test is over. */
export async function watch(url: string, options: WatchOptions = {}): Promise<Watcher> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), options);
  onTestFinished(() => socket.terminate());
  const messages: Record<string, unknown>[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  await once(socket, 'open');
  // What breaks after that is seen by how it closes.
  socket.on('error', () => undefined);
  const until = (isEnough: (message: Record<string, unknown>) => boolean) =>
    vi.waitFor(() => {
      const found = messages.find(isEnough);
      if (found === undefined) throw new Error(`not told yet: ${JSON.stringify(messages.at(-1))}`);
      return found;
    }, patience);
  return { socket, messages, until, closed };
}

interface Refusal {
  status: number | undefined;
  body: Record<string, unknown>;
  headers: Record<string, unknown>;
}

/** The answer to an upgrade that is refused. */
export async function refusalOf(url: string, headers: Record<string, string> = {}): Promise<Refusal> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { headers });
  onTestFinished(() => socket.terminate());
  return await new Promise((resolve, reject) => {
    socket.once('open', () => reject(new Error('it was let in')));
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += String(chunk);
      });
      response.once('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: JSON.parse(text) }),
      );
    });
  });
}
