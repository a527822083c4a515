import type { Environment } from '@marcbachmann/cel-js';
import { ExpressionError } from '../expression-error.ts';

const DECIMAL = /^(?<sign>-?)(?<units>\d+)(?:\.(?<fraction>\d{1,2}))?$/;

/**
 * `money("12.50")` is 1250, in minor units and exact, so that sums compare exactly; `decimal(1250)` is "12.50".
 * Floating-point amounts in JSON are read by their shortest decimal spelling.
 */
export function registerMoney(environment: Environment): void {
  environment
    .registerFunction('money(dyn): int', minorUnits, {
      description: 'the amount in minor units (cents), from a decimal text or a number',
    })
    .registerFunction('decimal(int): string', decimal, {
      description: 'minor units as a decimal text with two digits',
    });
}

function minorUnits(amount: unknown): bigint {
  const text = String(amount);
  const parts = DECIMAL.exec(text)?.groups;
  if (parts === undefined) {
    throw new ExpressionError({
      message: `money() needs an amount with at most two decimals, not ${JSON.stringify(typeof amount === 'string' ? amount : text)}`,
      source: text,
      offset: 0,
      length: text.length,
    });
  }
  const minor = BigInt((parts['units'] ?? '') + (parts['fraction'] ?? '').padEnd(2, '0'));
  return parts['sign'] === '-' ? -minor : minor;
}

function decimal(minor: bigint): string {
  const digits = String(minor < 0n ? -minor : minor).padStart(3, '0');
  return `${minor < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
