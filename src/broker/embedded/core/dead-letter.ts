import { decodeTable, encodeTable } from '../wire/codec.ts';
import { headersOf, replaceProperties, splitProperties } from '../wire/content-header.ts';
import type { Table } from '../wire/methods.ts';
import { joinTable, splitTable } from '../wire/raw-table.ts';
import type { Message } from './message.ts';
import type { QueueSettings } from './queue-settings.ts';

/** Why a message became a dead letter, as `x-death` says it. */
export type DeathReason = 'rejected' | 'expired' | 'maxlen';

/** One line of `x-death`: the queue in which, and why, and how often. */
interface Death {
  readonly queue: string;
  readonly reason: string;
  readonly count: number;
  /** As it is written into the header. */
  readonly table: Table;
}

export interface DeathPlace {
  readonly queue: string;
  readonly reason: DeathReason;
  readonly settings: QueueSettings;
  readonly atMs: number;
}

/** What is published instead of a message that died. */
export interface DeadLetter {
  readonly header: Buffer;
  readonly routingKeys: readonly string[];
  /** For exchanges that look at headers. */
  readonly headers: Table;
  /** True for a queue that the message must not enter again: it came from there and nobody had a hand in it since. */
  closesCycle(queue: string): boolean;
}

/** Nobody's message dies in more places; a header that says so must not grow without bound. */
const MOST_DEATHS = 250;

/** Message headers that only the latest death decides. */
const FIRST_DEATH = ['x-first-death-reason', 'x-first-death-queue', 'x-first-death-exchange'] as const;

/** The dead letter of a message: its own header with `x-death` in front, and no expiration that would strike again. */
export function deadLetterOf(message: Message, place: DeathPlace): DeadLetter {
  const headers = headersOf(message.header);
  const deaths = [newDeath(message, place, headers), ...otherDeaths(headers, place)];
  const raw = rawHeaders(message.header);
  const { deadLetterRoutingKey } = place.settings;
  if (deadLetterRoutingKey !== undefined) raw.delete('CC');
  const added: Record<string, unknown> = { 'x-death': deaths.map(({ table }) => table) };
  if (!raw.has(FIRST_DEATH[0])) {
    const first = [place.reason, place.queue, message.exchange];
    for (const [index, name] of FIRST_DEATH.entries()) added[name] = first[index];
  }
  for (const [key, value] of splitTable(encodeTable(added).subarray(4))) raw.set(key, value);
  const table = joinTable(raw);
  return {
    header: replaceProperties(message.header, { headers: table, expiration: undefined }),
    headers: decodeTable(table.subarray(4)),
    routingKeys:
      deadLetterRoutingKey === undefined
        ? [message.routingKey, ...carbonCopies(headers, 'CC')]
        : [deadLetterRoutingKey],
    closesCycle: (queue) => closesCycle(deaths, queue),
  };
}

/** Further routing keys that a publisher named in a header. */
export function carbonCopies(headers: Table, name: 'CC' | 'BCC'): readonly string[] {
  const keys = headers[name];
  return Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : [];
}

/** The first death in a queue for a reason is described; further ones are counted, and come to the front. */
function newDeath(message: Message, { queue, reason, atMs }: DeathPlace, headers: Table): Death {
  const earlier = readDeaths(headers).find(isSamePlace({ queue, reason }));
  if (earlier !== undefined) {
    const count = earlier.count + 1;
    return { ...earlier, count, table: { ...earlier.table, count: long(count) } };
  }
  const expiration = splitProperties(message.header).get('expiration')?.toString('utf8', 1);
  const table = {
    count: long(1),
    reason,
    queue,
    time: { '!': 'timestamp', value: Math.floor(atMs / 1_000) },
    exchange: message.exchange,
    'routing-keys': [message.routingKey, ...carbonCopies(headers, 'CC')],
    ...(expiration === undefined ? {} : { 'original-expiration': expiration }),
  };
  return { queue, reason, count: 1, table };
}

const long = (value: number) => ({ '!': 'long', value });

function otherDeaths(headers: Table, place: DeathPlace): readonly Death[] {
  const isSame = isSamePlace(place);
  return readDeaths(headers).filter((death) => !isSame(death));
}

function isSamePlace({ queue, reason }: Pick<DeathPlace, 'queue' | 'reason'>) {
  return (death: Death) => death.queue === queue && death.reason === reason;
}

/** A client may send any `x-death`; what is no death in it is left out. */
function readDeaths(headers: Table): readonly Death[] {
  const deaths = headers['x-death'];
  if (!Array.isArray(deaths)) return [];
  return deaths
    .filter(isTable)
    .slice(0, MOST_DEATHS)
    .map((table) => {
      const count = typeof table['count'] === 'number' ? table['count'] : 0;
      return {
        queue: String(table['queue']),
        reason: String(table['reason']),
        count,
        table: { ...table, count: long(count) },
      };
    });
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
}

/** A way back into a queue is a cycle unless a consumer rejected the message on it, which is how retries are built. */
function closesCycle(deaths: readonly Death[], queue: string): boolean {
  const earlier = deaths.findIndex((death) => death.queue === queue);
  return earlier !== -1 && deaths.slice(0, earlier + 1).every(({ reason }) => reason !== 'rejected');
}

function rawHeaders(header: Buffer): Map<string, Buffer> {
  const raw = splitProperties(header).get('headers');
  return raw === undefined ? new Map() : splitTable(raw.subarray(4));
}
