import { messageOf, ShopctlError } from '../../errors/index.ts';
import { didYouMean } from '../../source/index.ts';
import { type BrokerLink, quiet } from './connect.ts';
import { queuesByManagement } from './management.ts';
import type { QueueRow } from './queue-row.ts';

/** Beyond this the numbers of the management API, some seconds old, are good enough. */
const MOST_ASKED = 200;

/** Nothing in the protocol says what a queue is for; only its name does. */
export function isDeadLetterQueue(name: string): boolean {
  return /(^|[._:-])(dead([._-]?letters?)?|dlq|dlx)([._:-]|$)/i.test(name);
}

/**
 * The named queues in that order, or all of them by name. AMQP 0-9-1 cannot list queues: that takes a management API,
 * while a named queue can be asked for in any case.
 *
 * @throws ShopctlError `queues-unlisted`, `queue-unknown`
 */
export async function listQueues(
  link: BrokerLink,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly QueueRow[]> {
  const found = await queuesByManagement(link, signal);
  if (!found.ok) {
    if (names.length === 0) throw unlisted(link, found.reason);
    return await askEach(link, names.map(unknownYet), []);
  }
  const all = found.queues.map(({ name }) => name);
  const byName = new Map(found.queues.map((row) => [row.name, row]));
  const rows =
    names.length === 0
      ? [...found.queues].sort((a, b) => (a.name < b.name ? -1 : 1))
      : names.map((name) => byName.get(name) ?? unknownYet(name));
  if (names.length === 0 && (rows.length > MOST_ASKED || link.announcedManagementUrl !== undefined))
    return rows;
  const asked = await askEach(link, rows, all);
  return asked;
}

const unknownYet = (name: string): QueueRow => ({
  name,
  ready: undefined,
  unacked: undefined,
  consumers: undefined,
});

function unlisted({ product, address }: BrokerLink, reason: string): ShopctlError {
  const enable =
    product === 'RabbitMQ'
      ? ', or enable its plugin: rabbitmq-plugins enable rabbitmq_management; `broker.management` says where its API is'
      : '';
  return new ShopctlError('queues-unlisted', {
    message: `${product} at ${address.shown} cannot be asked for its queues: ${reason}`,
    hint: `name the queues: \`shopctl queue list QUEUE...\`${enable}`,
  });
}

/** Numbers of this moment in place of those that the management API collects every few seconds. */
async function askEach(
  link: BrokerLink,
  rows: readonly QueueRow[],
  known: readonly string[],
): Promise<readonly QueueRow[]> {
  const asked: QueueRow[] = [];
  for (const row of rows) {
    const isNamedOnly = !known.includes(row.name);
    try {
      const { ready, consumers } = await countsOf(link, row.name);
      asked.push({ ...row, ready, consumers });
    } catch (error) {
      // Listed a moment ago: it is gone now, or another connection's own.
      if (isNamedOnly) throw explained(error, row.name, known);
      if (replyCode(error) === undefined) throw error;
      if (replyCode(error) !== 404) asked.push(row);
    }
  }
  return asked;
}

/** What a passive declare tells. A refusal closes the channel, so each has its own. */
async function countsOf(
  { model }: BrokerLink,
  name: string,
): Promise<{ readonly ready: number; readonly consumers: number }> {
  const channel = quiet(await model.createChannel());
  const { messageCount, consumerCount } = await channel.checkQueue(name);
  await channel.close();
  return { ready: messageCount, consumers: consumerCount };
}

/** How many messages wait in it. @throws ShopctlError `queue-unknown`, `queue-refused` */
export async function readyCount(link: BrokerLink, name: string, signal: AbortSignal): Promise<number> {
  try {
    return (await countsOf(link, name)).ready;
  } catch (error) {
    if (replyCode(error) !== 404) throw explained(error, name, []);
    const found = await queuesByManagement(link, signal);
    throw explained(error, name, found.ok ? found.queues.map((row) => row.name) : []);
  }
}

/** What the broker objects to, in words of the command line; anything else stays what it is. */
export function explained(error: unknown, name: string, known: readonly string[]): unknown {
  const code = replyCode(error);
  if (code === undefined) return error;
  if (code === 404) {
    const near = didYouMean(name, known);
    return new ShopctlError('queue-unknown', {
      message: `there is no queue \`${name}\``,
      ...(near === undefined ? {} : { hint: `did you mean \`${near}\`?` }),
      cause: error,
    });
  }
  const sentence = /with message "(.*)"$/.exec(messageOf(error))?.[1] ?? messageOf(error);
  return new ShopctlError('queue-refused', {
    message: `the broker does not let us look into \`${name}\`: ${sentence}`,
    cause: error,
  });
}

/** The AMQP reply code with which a channel was closed. */
function replyCode(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}
