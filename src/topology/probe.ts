import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { ForeignService, Readiness, ServiceSpec } from '../config/project.ts';
import { messageOf } from '../errors/index.ts';
import { isErrno } from './process-group.ts';

/** What one look at a service showed. */
export type Sight =
  | { readonly kind: 'answers'; readonly address: string }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'refused' }
  | { readonly kind: 'silent'; readonly afterMs: number }
  | { readonly kind: 'error'; readonly message: string };

/** A service that accepts and then says nothing must not hold up the next try for long. */
const TRY_LIMIT_MS = 2_000;
/** "localhost" is either of these, and programs differ in which one they bind. */
const LOOPBACKS = ['127.0.0.1', '::1'] as const;

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'https:': 443, 'amqp:': 5672, 'amqps:': 5671 };

export interface Look {
  readonly probe: Readiness['probe'];
  /** For one answer; two seconds when left out. */
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
}

/** Looks once: an HTTP GET that must answer 2xx (redirects are not followed), or a TCP connection. */
export async function probe(spec: ServiceSpec, look: Look): Promise<Sight> {
  if (spec.kind === 'foreign') return probeForeign(spec, look);
  const { port } = spec;
  if (port === undefined) return { kind: 'error', message: 'it has no port' };
  let sight: Sight = { kind: 'refused' };
  for (const address of LOOPBACKS) {
    sight = await probeAddress(spec, { address, port }, look);
    if (sight.kind !== 'refused') return sight;
  }
  return sight;
}

function probeForeign(spec: ForeignService, look: Look): Promise<Sight> {
  const { probe: kind } = look;
  const base = new URL(spec.url);
  if (kind.kind === 'http') {
    return bounded(look, (signal) =>
      get(`${spec.url.replace(/\/$/, '')}${kind.path}`, { address: base.host, tls: spec.tls, signal }),
    );
  }
  const port = Number(base.port) || (DEFAULT_PORTS[base.protocol] ?? 80);
  return bounded(look, (limit) => touch({ address: base.hostname.replace(/^\[|\]$/g, ''), port }, limit));
}

interface Endpoint {
  readonly address: string;
  readonly port: number;
}

function probeAddress({ tls }: ServiceSpec, endpoint: Endpoint, look: Look): Promise<Sight> {
  const { probe: kind } = look;
  if (kind.kind !== 'http') return bounded(look, (limit) => touch(endpoint, limit));
  const host = endpoint.address.includes(':') ? `[${endpoint.address}]` : endpoint.address;
  const url = `${tls === undefined ? 'http' : 'https'}://${host}:${endpoint.port}${kind.path}`;
  return bounded(look, (signal) => get(url, { address: endpoint.address, tls, signal }));
}

async function bounded(
  { timeoutMs = TRY_LIMIT_MS, signal }: Look,
  look: (limit: AbortSignal) => Promise<Sight>,
): Promise<Sight> {
  const limit = AbortSignal.timeout(timeoutMs);
  const sight = await look(AbortSignal.any([signal, limit]));
  signal.throwIfAborted();
  return sight.kind === 'error' && limit.aborted ? { kind: 'silent', afterMs: timeoutMs } : sight;
}

interface Question {
  /** What is told of where the answer came from. */
  readonly address: string;
  readonly tls: ServiceSpec['tls'];
  readonly signal: AbortSignal;
}

function get(url: string, { address, tls, signal }: Question): Promise<Sight> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    // `agent: false`: a connection of its own, closed with the answer; a kept one would outlive a restart.
    request(url, { agent: false, signal, ...tls }, (response) => {
      const status = response.statusCode ?? 0;
      response.on('error', () => resolve({ kind: 'error', message: 'the answer broke off' }));
      response.resume();
      resolve(status >= 200 && status < 300 ? { kind: 'answers', address } : { kind: 'status', status });
    })
      .on('error', (error) => resolve(failure(error)))
      .end();
  });
}

function touch({ address, port }: Endpoint, signal: AbortSignal): Promise<Sight> {
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
function failure(error: Error): Sight {
  const isRefused = isErrno(error, 'ECONNREFUSED') || isErrno(error, 'EADDRNOTAVAIL');
  return isRefused ? { kind: 'refused' } : { kind: 'error', message: messageOf(error) };
}

/** The sight as the end of a sentence that begins with what was probed. */
export function describeSight(sight: Sight): string {
  switch (sight.kind) {
    case 'answers':
      return 'answered';
    case 'status':
      return `answered with status ${sight.status}`;
    case 'refused':
      return 'refused the connection: nothing listens there';
    case 'silent':
      return `did not answer within ${sight.afterMs / 1_000} s`;
    case 'error':
      return `failed: ${sight.message}`;
  }
}
