import type { ConfirmChannel, GetMessage } from 'amqplib';
import { ShopctlError } from '../../errors/index.ts';
import { type BrokerLink, quiet } from './connect.ts';
import { explained, readyCount } from './list.ts';
import { originOf, publishAgain } from './publish-again.ts';

export interface RedriveOptions {
  /** At most so many; all that wait when left out. */
  readonly count?: number;
  /** Where all go, whatever their headers say. */
  readonly to?: string;
  /** Ends between two messages: the one under way is finished. */
  readonly signal: AbortSignal;
}

/** Why a message stays where it is. */
export type KeptReason =
  | { readonly kind: 'no-origin' }
  /** Nothing is there under that name, or it takes no more. */
  | { readonly kind: 'unroutable' | 'nacked'; readonly target: string };

export interface Redriven {
  /** How many waited when we began. */
  readonly ready: number;
  readonly moved: number;
  /** How many of them went to which queue. */
  readonly targets: ReadonlyMap<string, number>;
  /** Those that stay, first come first. */
  readonly kept: readonly KeptReason[];
  /** What waits there now. */
  readonly remaining: number;
}

/**
 * Moves messages of a queue back to where they came from. Each is published first, with confirm and mandatory, and only
 * then acknowledged: whatever breaks in between, none is lost, and at most one is in both queues. No more are moved than
 * waited at the start, so those that die again meanwhile do not go round and round.
 *
 * @param onMoved told after each, so that what was done is known even when the rest fails
 * @throws ShopctlError `queue-unknown`, `queue-refused`, `usage` for a queue that is to go to itself, `confirm-late`
 */
export async function redrive(
  link: BrokerLink,
  queue: string,
  { count, to, signal }: RedriveOptions,
  onMoved: (target: string) => void,
): Promise<Redriven> {
  if (to === queue) {
    throw new ShopctlError('usage', {
      message: `\`${queue}\` cannot be redriven to itself`,
      hint: 'name the queue whose consumer is to have the messages with `--to QUEUE`',
    });
  }
  const ready = await readyCount(link, queue, signal);
  // Else every message would be looked at in vain, and the mistake be told as many times.
  if (to !== undefined) await readyCount(link, to, signal);
  const channel = quiet(await link.model.createConfirmChannel());
  try {
    const most = Math.min(ready, count ?? ready);
    const outcome = await moveAll(channel, { queue, to, most, user: link.address.user, signal, onMoved });
    // Counted before what was kept goes back: RabbitMQ takes its time with that.
    const { messageCount } = await channel.checkQueue(queue);
    // All at once, each to its place.
    if (outcome.kept.length > 0) channel.nackAll(true);
    await channel.close();
    return { ready, ...outcome, remaining: messageCount + outcome.kept.length };
  } catch (error) {
    throw explained(error, queue, []);
  }
}

interface Move {
  readonly queue: string;
  readonly to: string | undefined;
  readonly most: number;
  readonly user: string;
  readonly signal: AbortSignal;
  readonly onMoved: (target: string) => void;
}

async function moveAll(channel: ConfirmChannel, { queue, to, most, user, signal, onMoved }: Move) {
  const targets = new Map<string, number>();
  const kept: KeptReason[] = [];
  let moved = 0;
  while (moved + kept.length < most && !signal.aborted) {
    const message: GetMessage | false = await channel.get(queue);
    // Somebody else was faster.
    if (message === false) break;
    const target = to ?? originOf(message, queue);
    if (target === undefined) {
      kept.push({ kind: 'no-origin' });
      continue;
    }
    const outcome = await publishAgain(channel, { message, target, user, signal });
    if (outcome !== 'confirmed') {
      kept.push({ kind: outcome, target });
      continue;
    }
    channel.ack(message);
    moved += 1;
    targets.set(target, (targets.get(target) ?? 0) + 1);
    onMoved(target);
  }
  return { moved, targets, kept };
}
