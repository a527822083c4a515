import { parseDurationMs } from '../duration.ts';
import { type ConsumerName, consumerNames, isQueueName, type Naming, queueNames } from './topology.ts';

/** Where the broker is, and what the names and waits on it are. */
export interface BusSettings extends Naming {
  /** `AMQP_URL`, credentials included: it is never logged. */
  url: string;
  /** The services whose queues are there from the start, so that nothing is lost to those that start late. */
  consumers: readonly ConsumerName[];
  /** Waits before further attempts, in milliseconds; one more attempt than waits, then the event is dead. */
  retryDelaysMs: readonly number[];
  /** How many events may wait in the outbox before publishing refuses with 503. */
  outboxLimit: number;
  /** How long the broker may take to confirm a message, in milliseconds; 15 seconds unless told otherwise. */
  confirmTimeoutMs?: number;
}

/** A setting of the environment: completes "must be ...", and reads it. */
interface Reading<T> {
  expected: string;
  parse: (text: string) => T | undefined;
  neutral: T;
}

export const amqpUrl: Reading<string> & { isSecret: true } = {
  expected: 'an address such as "amqp://user:password@127.0.0.1:5672"',
  parse: (text) => {
    if (!URL.canParse(text)) return undefined;
    const { protocol, hostname } = new URL(text);
    return ['amqp:', 'amqps:'].includes(protocol) && hostname !== '' ? text : undefined;
  },
  neutral: '',
  isSecret: true,
};

export const eventKeys: Reading<Naming['keys']> = {
  expected: '"plain" or "qualified"',
  parse: (text) => (['plain', 'qualified'] as const).find((style) => style === text),
  neutral: 'plain',
};

/** What RabbitMQ allows is 255 bytes; a suffix has to fit as well. */
const name = /^[A-Za-z0-9._:-]{1,100}$/;

export const namePrefix: Reading<string> = {
  expected: 'at most 100 letters, digits, ".", "_", ":" and "-"',
  parse: (text) => (text === '' || name.test(text) ? text : undefined),
  neutral: '',
};

export const queueRenamings: Reading<Naming['renamed']> = {
  expected: `a list such as "payments.order.created=payment_service_queue" of different names, for ${queueNames.join(', ')}`,
  parse: (text) => {
    const pairs = text.split(/[\s,]+/).filter((pair) => pair !== '');
    const renamed: Partial<Record<(typeof queueNames)[number], string>> = {};
    for (const pair of pairs) {
      const [known = '', other = '', ...more] = pair.split('=');
      if (!isQueueName(known) || !name.test(other) || more.length > 0 || renamed[known] !== undefined)
        return undefined;
      renamed[known] = other;
    }
    const names = queueNames.map((known) => renamed[known] ?? known);
    return new Set(names).size === names.length ? renamed : undefined;
  },
  neutral: {},
};

export const eventConsumers: Reading<readonly ConsumerName[]> = {
  expected: `a list such as "auth,orders,payments" of different names among ${consumerNames.join(', ')}`,
  parse: (text) => {
    const names = text.split(/[\s,]+/).filter((name) => name !== '');
    const known = consumerNames.filter((name) => names.includes(name));
    return known.length === names.length && names.length > 0 ? known : undefined;
  },
  neutral: [],
};

const maxDelayMs = 24 * 60 * 60 * 1_000;

export const retryDelays: Reading<readonly number[]> = {
  expected: 'up to 10 different growing durations of at most 24 hours such as "1s,2s,4s,8s"',
  parse: (text) => {
    const delays = text.split(',').map(parseDurationMs);
    const isLadder = delays.every((delay, index) => {
      const before = index === 0 ? 0 : (delays[index - 1] ?? 0);
      return delay !== undefined && Number.isInteger(delay) && delay > before && delay <= maxDelayMs;
    });
    return isLadder && delays.length <= 10 ? delays.flatMap((delay) => delay ?? []) : undefined;
  },
  neutral: [],
};

export const outboxLimit: Reading<number> = {
  expected: 'a whole number from 1 to 999999999',
  parse: (text) => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined),
  neutral: 1,
};
