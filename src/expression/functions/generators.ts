import type { Environment } from '@marcbachmann/cel-js';
import type { Random } from '../../lib/random.ts';
import type { EvaluatorOptions } from '../evaluator-options.ts';

/**
 * `uuid()`, `unique()`, `seq()`, `now()`. Services remember what earlier runs sent: a name or an idempotency key that
 * came from the seed alone would be taken on the second run, so those two carry the time besides.
 */
export function registerGenerators(environment: Environment, { random, now }: EvaluatorOptions): void {
  let last = 0n;
  environment
    .registerFunction('uuid(): string', () => uuid(random, now()), {
      description: 'a new UUID (version 7)',
    })
    .registerFunction('unique(): string', () => unique(random, now()), {
      description: 'letters and digits that no other call and no other run gives',
    })
    .registerFunction(
      'seq(): int',
      () => {
        last += 1n;
        return last;
      },
      { description: '1, 2, 3 … within a test' },
    )
    .registerFunction('now(): string', () => new Date(now()).toISOString(), {
      description: 'the time as ISO 8601 text in UTC',
    });
}

/** RFC 9562 section 5.7: 48 bits of Unix milliseconds, then chance; for test data, not for secrets. */
function uuid(random: Random, epochMs: number): string {
  const time = epochMs.toString(16).padStart(12, '0');
  const bytes = Uint8Array.from({ length: 10 }, () => Math.floor(random() * 256));
  bytes[0] = ((bytes[0] ?? 0) & 0x0f) | 0x70;
  bytes[2] = ((bytes[2] ?? 0) & 0x3f) | 0x80;
  const hex = time + Buffer.from(bytes).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function unique(random: Random, epochMs: number): string {
  const chance = Array.from({ length: 6 }, () => Math.floor(random() * 36).toString(36)).join('');
  return epochMs.toString(36) + chance;
}
