import type { Socket } from 'node:net';
import { ShopctlError } from '../../errors/index.ts';
import { type Random, seededRandom } from '../../lib/random.ts';
import type { Broker, BrokerOptions, BrokerStats } from './broker.ts';
import { systemClock } from './clock.ts';
import { Connection } from './connection/connection.ts';
import { Pressure } from './connection/pressure.ts';
import type { Message } from './core/message.ts';
import { VirtualHost } from './core/virtual-host.ts';
import { type BrokerFaults, type FaultDice, faultDice } from './faults.ts';
import { openDatabase } from './journal/database.ts';
import { onFullDisk } from './journal/full-disk.ts';
import { type Journal, noJournal, type Recovered } from './journal/journal.ts';
import { openJournal } from './journal/sqlite-journal.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { type Listening, listen } from './listen.ts';
import { AmqpError } from './wire/amqp-error.ts';

/** Everybody may know them: nobody but this machine can connect. */
const GUEST = { user: 'guest', password: 'guest' };
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/** The parts of a broker, and who is connected. */
interface Parts {
  readonly options: BrokerOptions;
  readonly host: VirtualHost;
  readonly pressure: Pressure;
  readonly connections: Set<Connection>;
  readonly connect: (socket: Socket) => void;
}

/**
 * Starts an AMQP 0-9-1 broker in this process.
 * @throws ShopctlError `usage` for an address beyond this machine, `port-taken`, `journal-locked`, `journal-unusable`,
 *   `dependency-missing` when the journal's database cannot be loaded
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { host: address = 'localhost' } = options;
  if (!LOOPBACK.test(address)) {
    throw new ShopctlError('usage', {
      message: `the broker listens on this machine only, not on ${address}`,
      hint: 'use 127.0.0.1, ::1 or localhost',
    });
  }
  requireFittingFaults(options.faults ?? {}, options);
  let parts: Parts | undefined;
  const dice = faultDice(options.random, options.faults);
  const { journal, recovered, failure } = await openedJournal(options, dice, (messages) => {
    parts?.host.held.written(messages);
    parts?.pressure.update();
  });
  parts = assemble(options, journal, dice);
  try {
    if (recovered !== undefined) parts.host.restore(recovered);
    const listening = await listen(address, options.port, parts.connect);
    return running(parts, listening, failure);
  } catch (error) {
    parts.host.stopTimers();
    await journal.close();
    throw error;
  }
}

interface OpenedJournal {
  readonly journal: Journal;
  readonly recovered?: Recovered;
  readonly failure: Promise<ShopctlError>;
}

function openedJournal(
  { journalFile, clock = systemClock, log }: BrokerOptions,
  dice: FaultDice,
  onWritten: (messages: Iterable<Message>) => void,
): Promise<OpenedJournal> {
  if (journalFile !== undefined) {
    return openJournal(journalFile, {
      onWritten,
      clock,
      open: async (file) => onFullDisk(await openDatabase(file), () => dice.strikes('journalFull')),
      warn: (sentence) => log?.({ kind: 'warning', sentence }),
    });
  }
  return Promise.resolve({ journal: noJournal, failure: new Promise<ShopctlError>(() => undefined) });
}

/** @throws ShopctlError `usage` for a fault that could never strike */
function requireFittingFaults({ journalFull = 0 }: BrokerFaults, { journalFile }: BrokerOptions): void {
  if (journalFull === 0 || journalFile !== undefined) return;
  throw new ShopctlError('usage', {
    message: 'a broker without a journal has none that could be full',
    hint: 'leave out `journal-full`, or give the broker a journal',
  });
}

function assemble(options: BrokerOptions, journal: Journal, dice: FaultDice): Parts {
  const { clock = systemClock, random, log } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const onRelease = () => {
    if (pressure.reason !== undefined) pressure.update();
  };
  const host: VirtualHost = new VirtualHost({ clock, dice, journal, limits, onRelease });
  const pressure: Pressure = new Pressure(host, dice, limits);
  const connections = new Set<Connection>();
  // A stream of their own: clients that come and go must not change which messages a fault strikes.
  const names = seededRandom(Math.floor(random() * 0x1_0000_0000));
  const { credentials = GUEST, managementUrl } = options;
  const properties = managementUrl === undefined ? {} : { management_url: managementUrl };
  const common = { host, dice, clock, limits, pressure, credentials, properties };
  const connect = (socket: Socket) => {
    if (connections.size >= limits.connections) {
      socket.destroy();
      return;
    }
    const { remotePort } = socket;
    const connection: Connection = new Connection(socket, {
      ...common,
      newName: (prefix) => newName(prefix, names, host),
      warn: (sentence) => log?.({ kind: 'warning', sentence }),
      onOpen: (client) => log?.({ kind: 'connection', sentence: `${client} from port ${remotePort}` }),
      onEnd: () => connections.delete(connection),
    });
    connections.add(connection);
  };
  return { options, host, pressure, connections, connect };
}

function running(parts: Parts, listening: Listening, failure: Promise<ShopctlError>): Broker {
  const { host, pressure, connections, options } = parts;
  const { port, addresses } = listening;
  const [address = '127.0.0.1'] = addresses;
  const { user, password } = options.credentials ?? GUEST;
  return {
    port,
    addresses,
    url: `amqp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${address.includes(':') ? `[${address}]` : address}:${port}`,
    failure,
    stats: () => statsOf(parts),
    setFaults: (faults) => {
      requireFittingFaults(faults, options);
      host.dice.faults = faults;
      pressure.update();
    },
    close: async () => {
      const closed = listening.close();
      for (const connection of connections) connection.close(new AmqpError(320, 'the broker is stopping'));
      await closed;
      host.stopTimers();
      await host.journal.close();
    },
  };
}

function statsOf({ host, pressure, connections }: Parts): BrokerStats {
  return {
    connections: connections.size,
    channels: [...connections].reduce((sum, connection) => sum + connection.channels, 0),
    queues: [...host.queues.values()].map((queue) => ({
      name: queue.name,
      durable: queue.definition.durable,
      exclusive: queue.definition.exclusive,
      autoDelete: queue.definition.autoDelete,
      ready: queue.ready,
      unacked: queue.unacked,
      delayed: queue.delayed,
      consumers: queue.consumers,
      readyBytes: queue.readyBytes,
      counts: queue.counts,
    })),
    exchanges: [...host.exchanges.values()].map(({ definition, published }) => ({
      name: definition.name,
      type: definition.type,
      durable: definition.durable,
      autoDelete: definition.autoDelete,
      internal: definition.internal,
      published,
    })),
    messageBytes: host.held.bytes,
    blockedBy: pressure.reason,
  };
}

const NAME_LENGTH = 22;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A name that no queue has: with the same seed an earlier run has made the same ones. */
function newName(prefix: string, random: Random, host: VirtualHost): string {
  for (;;) {
    const letter = () => LETTERS[Math.floor(random() * LETTERS.length)];
    const name = prefix + Array.from({ length: NAME_LENGTH }, letter).join('');
    if (!host.queues.has(name)) return name;
  }
}
