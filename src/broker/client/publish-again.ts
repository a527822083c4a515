import type { ConfirmChannel, GetMessage, Options } from 'amqplib';
import { messageOf, ShopctlError } from '../../errors/index.ts';
import { failureOf, withoutFailure } from './failure-headers.ts';

/** How long a broker may take to confirm one message; one that is short of memory or disk waits on purpose. */
const CONFIRM_LIMIT_MS = 30_000;
/** The same once the user wants to end. */
const HURRIED_LIMIT_MS = 2_000;

/** The queue a dead message came from, unless that is where it lies. */
export function originOf({ properties }: GetMessage, queue: string): string | undefined {
  const origin = failureOf(properties.headers ?? {}).queue;
  return origin === queue ? undefined : origin;
}

interface Again {
  readonly message: GetMessage;
  readonly target: string;
  /** Whom we are connected as. */
  readonly user: string;
  readonly signal: AbortSignal;
}

/**
 * Publishes the same bytes to a queue, without what the failure wrote into the headers. `unroutable`: no such queue is
 * there; `nacked`: the broker would not take it, as a full queue does.
 *
 * @throws ShopctlError `confirm-late`
 */
export function publishAgain(
  channel: ConfirmChannel,
  { message, target, user, signal }: Again,
): Promise<'confirmed' | 'unroutable' | 'nacked'> {
  return new Promise((resolve, reject) => {
    let isReturned = false;
    const onReturn = () => {
      isReturned = true;
    };
    const late = () => {
      finish();
      reject(
        new ShopctlError('confirm-late', {
          message: `the broker did not confirm a message to \`${target}\`; it may be there, and it still is where it was`,
        }),
      );
    };
    let timer = setTimeout(late, CONFIRM_LIMIT_MS);
    const hurry = () => {
      clearTimeout(timer);
      timer = setTimeout(late, HURRIED_LIMIT_MS);
    };
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', hurry);
      channel.off('return', onReturn);
    };
    signal.addEventListener('abort', hurry, { once: true });
    // A returned message is returned before it is confirmed.
    channel.on('return', onReturn);
    try {
      channel.publish('', target, message.content, optionsOf(message, user), (error: unknown) => {
        finish();
        if (isNack(error)) resolve('nacked');
        else if (error !== null && error !== undefined) reject(error);
        else resolve(isReturned ? 'unroutable' : 'confirmed');
      });
    } catch (error) {
      // A connection that has just ended takes nothing more.
      finish();
      reject(error);
    }
  });
}

function optionsOf({ properties }: GetMessage, user: string): Options.Publish {
  const { headers = {}, userId, clusterId: _clusterId, ...kept } = properties;
  const set = Object.entries(kept).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(set),
    // The broker refuses a name that is not the publisher's own.
    ...(userId === user ? { userId } : {}),
    headers: withoutFailure(headers),
    mandatory: true,
  };
}

/** amqplib has one sentence for it, and other ones for a channel that was closed meanwhile. */
const isNack = (error: unknown) => error instanceof Error && messageOf(error) === 'message nacked';
