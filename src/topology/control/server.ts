import { chmodSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { messageOf, ShopctlError } from '../../errors/index.ts';
import { deferred } from '../../lib/deferred.ts';
import type { ServiceEvent } from '../../model/index.ts';
import { LineSplitter } from '../line-splitter.ts';
import type { ServiceOperation } from '../service-operations.ts';
import { unusable } from '../state.ts';
import { ClientLine } from './client-line.ts';
import {
  CONTROL_VERSION,
  type ControlRequest,
  parseRequest,
  type RunEnd,
  type Statuses,
  toldError,
} from './messages.ts';
import { prepareSocketPath, removeSocket, temporarySocketPath } from './socket-path.ts';

/** What a run can be asked for over its socket. */
export interface Controlled {
  statuses(): Statuses;
  /** Resolves to who needs what was stopped. @throws ShopctlError */
  perform(
    operation: ServiceOperation,
    services: readonly string[],
    options: { readonly withDependants: boolean },
  ): Promise<readonly string[]>;
}

/** The ear of a run: other processes of the same user speak to it over a unix socket. */
export interface ControlServer {
  readonly path: string;
  /** Tells followers; never waits for one. */
  tell(event: ServiceEvent): void;
  /** Tells followers that all are ready. */
  tellUp(): void;
  /** Says how the run ended, hangs up, and removes the socket. */
  close(end: RunEnd): Promise<void>;
}

/** Characters of a request; a longer line is answered with an error. */
const MAX_REQUEST_LENGTH = 65_536;
const MAX_CLIENTS = 64;
/** Requests of one client that have not been answered yet. */
const MAX_OPEN_REQUESTS = 64;
/** For the last words to all clients. */
const CLOSE_LIMIT_MS = 3_000;

/** Listens for requests to a run. @throws ShopctlError `state-unusable` when there is no place for a socket */
export async function openControl(stateDir: string, pid: number, run: Controlled): Promise<ControlServer> {
  const clients = new Set<ClientLine>();
  const followers = new Set<ClientLine>();
  const server = createServer((socket) => {
    const line = new ClientLine(socket);
    line.hello({ shopctl: 'control', version: CONTROL_VERSION, pid });
    // Whoever breaks off has heard enough.
    socket.on('error', () => undefined);
    if (clients.size >= MAX_CLIENTS) return line.end({ dropped: `${MAX_CLIENTS} others are connected` });
    clients.add(line);
    socket.once('close', () => {
      clients.delete(line);
      followers.delete(line);
    });
    serve(socket, line, { run, follow: () => followers.add(line) });
  });
  const path = await listenSomewhere(server, stateDir);
  // It is there for others, and does not keep the run alive.
  server.unref();
  return {
    path,
    tell: (event) => {
      for (const follower of followers) follower.sendEvent(event);
    },
    tellUp: () => {
      for (const follower of followers) follower.send({ up: true });
    },
    close: async (end) => {
      const closed = deferred();
      server.close(() => closed.resolve());
      for (const client of clients) client.end({ ended: end });
      const timer = setTimeout(() => closed.resolve(), CLOSE_LIMIT_MS);
      await closed.promise;
      clearTimeout(timer);
      removeSocket(path);
    },
  };
}

interface Service {
  readonly run: Controlled;
  readonly follow: () => void;
}

function serve(socket: Socket, line: ClientLine, { run, follow }: Service): void {
  const splitter = new LineSplitter(MAX_REQUEST_LENGTH);
  let open = 0;
  const answer = async (request: Exclude<ControlRequest, { request: 'follow' }>) => {
    const { id } = request;
    open += 1;
    try {
      line.send({ id, answer: await carryOut(request, run) });
    } catch (error) {
      // A bug of ours is told to whoever met it; the run goes on.
      const told = error instanceof ShopctlError ? error : refusal(messageOf(error));
      line.send({ id, error: toldError(told) });
    } finally {
      open -= 1;
    }
  };
  socket.on('data', (chunk: Buffer) => {
    for (const text of splitter.push(chunk)) {
      const request = parseRequest(text);
      if ('wrong' in request) line.send({ id: request.id, error: toldError(refusal(request.wrong)) });
      else if (open >= MAX_OPEN_REQUESTS) return line.end({ dropped: 'it asks faster than it is answered' });
      else if (request.request === 'follow') {
        // In one go: no event is told before the state that it changes, and none is missed.
        line.send({ id: request.id, answer: run.statuses() });
        follow();
      } else void answer(request);
    }
  });
}

async function carryOut(
  request: Exclude<ControlRequest, { request: 'follow' }>,
  run: Controlled,
): Promise<Statuses> {
  switch (request.request) {
    case 'statuses':
      return run.statuses();
    case 'restart':
    case 'stop':
    case 'start': {
      const { request: operation, services, withDependants = false } = request;
      const neededBy = await run.perform(operation, services, { withDependants });
      return { ...run.statuses(), neededBy };
    }
  }
}

const refusal = (message: string) => new ShopctlError('control-refused', { message });

/** Not every file system can hold a socket; a folder for temporary files can. */
async function listenSomewhere(server: Server, stateDir: string): Promise<string> {
  try {
    return await listen(server, prepareSocketPath(stateDir));
  } catch {
    try {
      return await listen(server, temporarySocketPath());
    } catch (error) {
      throw unusable(stateDir, error);
    }
  }
}

function listen(server: Server, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error) => {
      removeSocket(path);
      reject(error);
    };
    server.once('error', refuse);
    server.listen(path, () => {
      server.off('error', refuse);
      try {
        chmodSync(path, 0o600);
        resolve(path);
      } catch (error) {
        server.close();
        reject(error);
      }
    });
  });
}
