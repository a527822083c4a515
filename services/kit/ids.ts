import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { Transaction } from './store/index.ts';

/** Makes the id of a new row, inside the transaction that inserts it. `kind` names the sequence, for example `orders`. */
export type NewId = (transaction: Transaction, kind: string) => Promise<string>;

export type IdStyle = 'uuid' | 'sequence';

export function createIds(style: IdStyle, clock: Clock): NewId {
  return style === 'sequence' ? nextInSequence : async () => uuidV7(clock.now(), randomBytes(10));
}

/** One statement, so that two transactions can never draw the same number. */
async function nextInSequence(transaction: Transaction, kind: string): Promise<string> {
  const rows: { value: number }[] = await transaction('sequences')
    .insert({ name: kind, value: 1 })
    .onConflict('name')
    .merge({ value: transaction.raw('sequences.value + 1') })
    .returning('value');
  return String(rows[0]?.value);
}

/** RFC 9562, section 5.7: 48 bits of milliseconds, then random bits, so that ids sort by the time they were made. */
export function uuidV7(nowMs: number, random: Uint8Array): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes.set(random.subarray(0, 10), 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** An id in a request: an integer is read as its decimal string. */
export function idText(value: string | number): string {
  return String(value);
}
