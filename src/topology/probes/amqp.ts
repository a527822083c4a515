import type { Probe } from '../../config/probe-spec.ts';
import { messageOf, ShopctlError } from '../../errors/index.ts';
import { isErrno } from '../process-group.ts';
import { type Look, type ProbeKind, TRY_LIMIT_MS } from './kind.ts';
import { atItsAddress } from './network.ts';
import type { Sight } from './sight.ts';

type AmqpProbe = Probe<'amqp'>;

/** A broker opens a connection for the user, the password and the virtual host of the URL; it is closed again. */
export const amqp: ProbeKind<AmqpProbe> = {
  look: ({ url, isOwn }, look) =>
    isOwn
      ? atItsAddress(look.spec, ({ address, port }) => shakeHands(at(url, address, port), look, address))
      : shakeHands(url, look),
  subject: ({ url }) => `the AMQP handshake with ${new URL(url).host}`,
  remedy: () => undefined,
  usualLimitMs: TRY_LIMIT_MS,
  knocks: ({ isOwn }) => isOwn,
};

function at(url: string, address: string, port: number): string {
  const place = new URL(url);
  place.host = `${address.includes(':') ? `[${address}]` : address}:${port}`;
  return place.href;
}

async function shakeHands(url: string, { timeoutMs, signal }: Look, address?: string): Promise<Sight> {
  signal.throwIfAborted();
  // Loaded only where a probe needs it.
  const { parseAddress, withBroker } = await import('../../broker/client/index.ts');
  const limit = AbortSignal.timeout(timeoutMs);
  const broker = parseAddress(url, { source: '`amqp`', remedy: 'does the broker run?' });
  try {
    const either = AbortSignal.any([signal, limit]);
    await withBroker(broker, () => Promise.resolve(), { timeoutMs, signal: either });
    return { kind: 'answers', ...(address === undefined ? {} : { address }) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ShopctlError)) throw error;
    if (isErrno(error.cause, 'ECONNREFUSED') || isErrno(error.cause, 'EADDRNOTAVAIL'))
      return { kind: 'refused' };
    if (error.code === 'broker-refused')
      return {
        kind: 'unmet',
        words: `failed: ${error.message}`,
        remedy: 'they are part of the URL of the broker',
      };
    if (limit.aborted) return { kind: 'silent', afterMs: timeoutMs };
    return { kind: 'error', message: messageOf(error.cause).split('\n')[0] ?? '' };
  }
}
