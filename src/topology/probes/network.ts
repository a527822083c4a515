import { connect } from 'node:net';
import type { ServiceSpec } from '../../config/project.ts';
import { messageOf } from '../../errors/index.ts';
import { isErrno } from '../process-group.ts';
import type { Look } from './kind.ts';
import type { Sight } from './sight.ts';

/** "localhost" is either of these, and programs differ in which one they bind. */
export const LOOPBACKS = ['127.0.0.1', '::1'] as const;

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'https:': 443, 'amqp:': 5672, 'amqps:': 5671 };

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Asks a service of ours at each loopback address until somebody answers, and one that runs elsewhere there. */
export async function atItsAddress(
  spec: ServiceSpec,
  ask: (endpoint: Endpoint) => Promise<Sight>,
): Promise<Sight> {
  if (spec.kind === 'foreign') return ask(endpointOf(spec.url));
  const { port } = spec;
  if (port === undefined) return { kind: 'error', message: 'it has no port' };
  let sight: Sight = { kind: 'refused' };
  for (const address of LOOPBACKS) {
    sight = await ask({ address, port });
    if (sight.kind !== 'refused') return sight;
  }
  return sight;
}

function endpointOf(url: string): Endpoint {
  const base = new URL(url);
  const port = Number(base.port) || (DEFAULT_PORTS[base.protocol] ?? 80);
  return { address: base.hostname.replace(/^\[|\]$/g, ''), port };
}

/** Gives one look so much time. @throws the reason of the signal, when that is aborted */
export async function bounded(
  { timeoutMs, signal }: Look,
  ask: (limit: AbortSignal) => Promise<Sight>,
): Promise<Sight> {
  signal.throwIfAborted();
  const limit = new AbortController();
  const giveUp = () => limit.abort();
  signal.addEventListener('abort', giveUp);
  const timer = setTimeout(giveUp, timeoutMs);
  try {
    const sight = await ask(limit.signal);
    signal.throwIfAborted();
    return sight.kind === 'error' && limit.signal.aborted ? { kind: 'silent', afterMs: timeoutMs } : sight;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}

export function touch({ address, port }: Endpoint, signal: AbortSignal): Promise<Sight> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, signal });
    socket.on('connect', () => {
      socket.destroy();
      resolve({ kind: 'answers', address });
    });
    socket.on('error', (error) => resolve(failure(error)));
  });
}

/** Nothing there, and no IPv6 at all (EADDRNOTAVAIL), mean the same to somebody who waits. */
export function failure(error: Error): Sight {
  const isRefused = isErrno(error, 'ECONNREFUSED') || isErrno(error, 'EADDRNOTAVAIL');
  return isRefused ? { kind: 'refused' } : { kind: 'error', message: messageOf(error) };
}
