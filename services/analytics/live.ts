import { setMaxListeners } from 'node:events';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  type Background,
  type Clock,
  type Logger,
  Problem,
  type Random,
  startBackground,
  timestamp,
  type Upgrade,
  type UpgradeRoute,
} from '../kit/index.ts';
import { noRoom, requireStaff } from './refusals.ts';

/** Pushes the numbers of now to whoever has opened a WebSocket. Owns its sockets until `stop`. */
export interface Live {
  /** For `createApp`. */
  route: UpgradeRoute;
  /** Says that the numbers may have changed; many of these in a short time make one push. */
  changed(): void;
  /** Cuts off whoever is still there, and resolves when nothing runs any more. */
  stop(): Promise<void>;
}

export interface LiveLimits {
  /** So many sockets at a time. */
  clients: number;
  /** What may wait in this process for one client that reads too slowly. */
  bufferedBytes: number;
  /** How often a client is asked whether it is there, and auth whether it still may be. */
  heartbeatMs: number;
}

interface LiveParts {
  /** The numbers of now. */
  look: () => Promise<object>;
  limits: LiveLimits;
  clock: Clock;
  random: Random;
  log: Logger;
}

interface Client {
  socket: WebSocket;
  check: Upgrade['check'];
  /** Whether it has been sent anything yet. */
  isGreeted: boolean;
  /** Whether it has answered the latest ping. */
  isHeard: boolean;
  /** Aborted when the socket is closed. */
  gone: AbortController;
}

/** Between two pushes; what changes meanwhile is told by the second. */
const betweenPushesMs = 100;

/** For a client to answer that its connection is being closed; then it is cut off. */
const farewellMs = 1_000;

/** Why a socket is closed: RFC 6455, section 7.4.1, and the registry of close codes. */
const farewells = {
  stopping: [1001, 'the service is stopping'],
  refused: [1008, 'the access token does not count any more'],
  slow: [1013, 'too slow: too much waits to be read'],
  unknowable: [1013, 'the auth service cannot be asked'],
} as const;

export function createLive(parts: LiveParts): Live {
  const { limits, clock } = parts;
  // What clients send is read, so that pongs are, and dropped; much of it ends the connection (1009).
  const server = new WebSocketServer({ noServer: true, maxPayload: 1_024, clientTracking: false });
  const clients = new Set<Client>();
  const stopping = new AbortController();
  let pushing: Background | undefined;
  const wake = () => pushing?.wake();
  const pass = createPass({ ...parts, clients });
  pushing = startBackground({ ...parts, pass });
  const beating = beat({ ...parts, clients, signal: stopping.signal, wake });
  return {
    route: {
      path: '/live',
      admit: (identity) => {
        requireStaff(identity);
        if (clients.size >= limits.clients) throw noRoom(limits.clients);
      },
      accept: ({ request, socket, head, check }) =>
        server.handleUpgrade(request, socket, head, (opened) => {
          welcome({ clients, check, log: parts.log }, opened);
          wake();
        }),
      beginStop: () => {
        stopping.abort();
        for (const client of clients) dismiss(clock, client, 'stopping');
      },
    },
    changed: wake,
    stop: async () => {
      stopping.abort();
      for (const { socket } of clients) socket.terminate();
      await Promise.all([pushing.stop(), beating]);
    },
  };
}

function welcome(
  { clients, check, log }: { clients: Set<Client>; check: Upgrade['check']; log: Logger },
  socket: WebSocket,
): void {
  const client: Client = { socket, check, isGreeted: false, isHeard: true, gone: new AbortController() };
  setMaxListeners(20, client.gone.signal);
  clients.add(client);
  socket.on('pong', () => {
    client.isHeard = true;
  });
  // A frame that is none, or a connection that breaks: the socket closes after it.
  socket.on('error', (error) => log.debug({ reason: error.message }, 'a live connection failed'));
  socket.once('close', (code) => {
    clients.delete(client);
    client.gone.abort();
    log.info({ code, clients: clients.size }, 'live connection closed');
  });
}

/** Looks once for all clients, and sends to those who do not know it yet. */
function createPass({ look, limits, clock, clients, log }: LiveParts & { clients: ReadonlySet<Client> }) {
  let latest = '';
  return async (signal: AbortSignal) => {
    if (clients.size === 0) return 0;
    const numbers = await look();
    const known = JSON.stringify(numbers);
    const isNew = known !== latest;
    latest = known;
    const text = JSON.stringify({ at: timestamp(clock), ...numbers });
    for (const client of clients) {
      const { socket } = client;
      if (socket.readyState !== socket.OPEN || (client.isGreeted && !isNew)) continue;
      if (socket.bufferedAmount > limits.bufferedBytes) {
        log.warn({ buffered_bytes: socket.bufferedAmount }, 'a live client reads too slowly');
        dismiss(clock, client, 'slow');
        continue;
      }
      client.isGreeted = true;
      socket.send(text);
    }
    // Being stopped is what the loop around this sees.
    await clock.sleep(betweenPushesMs, signal).catch(() => undefined);
    return 0;
  };
}

/** Tells why, once everything before it is read, and cuts off whoever does not answer that. */
function dismiss(clock: Clock, { socket, gone }: Client, why: keyof typeof farewells): void {
  if (socket.readyState !== socket.OPEN) return;
  const [code, reason] = farewells[why];
  socket.close(code, reason);
  clock.sleep(farewellMs, gone.signal).then(
    () => socket.terminate(),
    // It is closed.
    () => undefined,
  );
}

interface Heart extends LiveParts {
  clients: ReadonlySet<Client>;
  signal: AbortSignal;
  wake: () => void;
}

async function beat({ clients, limits, clock, signal, wake }: Heart): Promise<void> {
  for (;;) {
    const isOver = await clock.sleep(limits.heartbeatMs, signal).then(
      () => false,
      () => true,
    );
    if (isOver) return;
    for (const client of clients) {
      if (client.socket.readyState !== client.socket.OPEN) continue;
      if (!client.isHeard) {
        // Nobody is there to be told why.
        client.socket.terminate();
        continue;
      }
      client.isHeard = false;
      client.socket.ping();
      void recheck(clock, client);
    }
    // Numbers of the last minute change by themselves.
    wake();
  }
}

/** A session may end while its socket is open. */
async function recheck(clock: Clock, client: Client): Promise<void> {
  try {
    await client.check(client.gone.signal);
  } catch (error) {
    const isRefused = error instanceof Problem && error.facts.status < 500;
    dismiss(clock, client, isRefused ? 'refused' : 'unknowable');
  }
}
