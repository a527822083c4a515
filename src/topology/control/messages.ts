import { type ErrorCode, type ErrorFacts, ShopctlError } from '../../errors/index.ts';
import type { ServiceEvent } from '../../model/index.ts';
import type { ServiceOperation } from '../service-operations.ts';
import type { ServiceStatus, TopologyState } from '../state.ts';

/** Changes when a message changes its meaning: both ends refuse another one. */
export const CONTROL_VERSION = 1;

/** The first line on every connection, from the supervisor. */
export interface Hello {
  readonly shopctl: 'control';
  readonly version: number;
  readonly pid: number;
}

/** What a client asks; `id` comes back with the answer. */
export type ControlRequest = { readonly id: number } & (
  | { readonly request: 'statuses' }
  | { readonly request: 'follow' }
  | {
      readonly request: ServiceOperation;
      readonly services: readonly string[];
      /** With `restart`: also whoever needs them. */
      readonly withDependants?: boolean;
    }
);

/** What runs, at the moment of the answer. */
export interface Statuses {
  readonly topology: string;
  readonly phase: TopologyState['phase'];
  readonly services: readonly ServiceStatus[];
  /** With the answer to `stop`: who needs what was stopped. */
  readonly neededBy?: readonly string[];
}

/** An error as it travels. */
export interface ToldError {
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;
}

/** How a run came to its end. `by-itself`: the last process ended; `failed`: it was never ready. */
export type RunEnd =
  | { readonly how: 'stopped' | 'by-itself'; readonly services: readonly ServiceStatus[] }
  | { readonly how: 'failed'; readonly error: ToldError };

/** What the supervisor says after its hello. */
export type ControlMessage =
  | { readonly id: number; readonly answer: Statuses }
  | { readonly id: number; readonly error: ToldError }
  | { readonly event: ServiceEvent }
  /** To followers: all are ready. */
  | { readonly up: true }
  /** To a follower that reads too slowly: so many lines of output were left out. */
  | { readonly linesLeftOut: number }
  | { readonly ended: RunEnd }
  /** The supervisor gives the client up, and why. */
  | { readonly dropped: string };

const OPERATIONS = ['restart', 'stop', 'start'] as const;

/** The request in a line that a client sent, or what is wrong with it and the id to answer to. */
export function parseRequest(line: string): ControlRequest | { readonly id: number; readonly wrong: string } {
  const data = parseObject(line);
  if (data === undefined) return { id: 0, wrong: 'a request is one JSON object on one line' };
  const id = typeof data['id'] === 'number' ? data['id'] : 0;
  const { request, services, withDependants } = data;
  if (request === 'statuses') return { id, request };
  if (request === 'follow') return { id, request };
  const operation = OPERATIONS.find((known) => known === request);
  if (operation === undefined) return { id, wrong: `there is no request ${shown(request)}` };
  if (
    !Array.isArray(services) ||
    services.length === 0 ||
    !services.every((name) => typeof name === 'string')
  )
    return { id, wrong: `${operation} needs \`services\`: a list of names` };
  const names: string[] = [...new Set(services)];
  return { id, request: operation, services: names, ...(withDependants === true ? { withDependants } : {}) };
}

const shown = (value: unknown) => (JSON.stringify(value) ?? 'at all').slice(0, 60);

export function parseHello(line: string): Hello | undefined {
  const data = parseObject(line);
  return isHello(data) ? data : undefined;
}

function isHello(data: unknown): data is Hello {
  return (
    hasKey(data, 'shopctl') && data.shopctl === 'control' && hasKey(data, 'version') && hasKey(data, 'pid')
  );
}

/** A message of a supervisor whose hello had our version; undefined for a line that is none. */
export function parseMessage(line: string): ControlMessage | undefined {
  const data = parseObject(line);
  return isMessage(data) ? data : undefined;
}

const SIGNS = ['answer', 'error', 'event', 'up', 'linesLeftOut', 'ended', 'dropped'];

/** Enough for what only this version of ours writes. */
function isMessage(data: unknown): data is ControlMessage {
  return SIGNS.some((sign) => hasKey(data, sign));
}

function hasKey<K extends string>(data: unknown, key: K): data is Record<K, unknown> {
  return typeof data === 'object' && data !== null && key in data;
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const data: unknown = JSON.parse(line);
    return isRecord(data) ? data : undefined;
  } catch {
    // Whoever sent it is told that it is none.
    return undefined;
  }
}

function isRecord(data: unknown): data is Record<string, unknown> {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}

/** Its cause stays behind: it may hold anything. */
export function toldError({ code, message, problems, hint, detail }: ShopctlError): ToldError {
  const optional = { ...(hint === undefined ? {} : { hint }), ...(detail === undefined ? {} : { detail }) };
  return { code, facts: { message, problems, ...optional } };
}

export const errorOfTold = ({ code, facts }: ToldError) => new ShopctlError(code, facts);
