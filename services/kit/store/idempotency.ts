import { createHash } from 'node:crypto';
import { Problem } from '../problem.ts';
import type { Store, Transaction } from './store.ts';

/** An answer that is kept under an idempotency key. */
export interface Outcome {
  status: number;
  body: unknown;
  headers: Readonly<Record<string, string>>;
}

/** A request that came with an idempotency key, and the hash of what it asked. */
export interface RememberedRequest {
  key: string;
  fingerprint: string;
}

interface KeyRow {
  fingerprint: string;
  status: number;
  body: string;
  headers: string;
}

/** SHA-256 of what a request asks: its operation with path, and its body. */
export function fingerprint(operation: string, body: unknown): string {
  return createHash('sha256').update(operation).update('\n').update(canonicalJson(body)).digest('hex');
}

/** JSON with sorted keys, so that the order of a body's fields does not make it another request. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** The kept answer of that key, or undefined; 422 when the key was used for another request. */
export async function once(
  database: Store['read'] | Transaction,
  request: RememberedRequest | undefined,
): Promise<Outcome | undefined> {
  if (request === undefined) return undefined;
  const row: KeyRow | undefined = await database('idempotency_keys').where({ key: request.key }).first();
  if (row === undefined) return undefined;
  if (row.fingerprint !== request.fingerprint) throw keyReused();
  return { status: row.status, body: JSON.parse(row.body), headers: toHeaders(JSON.parse(row.headers)) };
}

/**
 * Keeps the answer in the transaction that has the effect: both happen or neither, so a failed attempt leaves the key
 * free. Recording the same key again changes nothing.
 */
export async function recordOutcome(
  transaction: Transaction,
  request: RememberedRequest | undefined,
  outcome: Outcome,
): Promise<void> {
  if (request === undefined) return;
  await transaction('idempotency_keys')
    .insert({
      ...request,
      status: outcome.status,
      body: JSON.stringify(outcome.body),
      headers: JSON.stringify(outcome.headers),
    })
    .onConflict('key')
    .ignore();
}

/** 422: an idempotency key belongs to one request. */
export function keyReused(): Problem {
  return new Problem({
    status: 422,
    kind: 'idempotency-key-reused',
    title: 'The idempotency key was used for a different request',
    detail: 'An Idempotency-Key belongs to one request; use a new key for another.',
  });
}

/** Frees a key again, when what it remembers was undone before anybody was told. */
export async function forgetOutcome(
  transaction: Transaction,
  request: RememberedRequest | undefined,
): Promise<void> {
  if (request !== undefined) await transaction('idempotency_keys').where({ key: request.key }).delete();
}

/** The same answer once more, marked as such. */
export function replayed(outcome: Outcome): Outcome {
  return { ...outcome, headers: { ...outcome.headers, 'idempotent-replayed': 'true' } };
}

function toHeaders(value: unknown): Record<string, string> {
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]))
    : {};
}
