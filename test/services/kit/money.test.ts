import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMoney, maxMinorUnits, parseMoney, requirePositiveMoney } from '../../../services/kit/money.ts';

const minorUnits = fc.integer({ min: 0, max: maxMinorUnits });

describe('money', () => {
  it('reads what it has written', () => {
    fc.assert(fc.property(minorUnits, (amount) => parseMoney(formatMoney(amount)) === amount));
  });

  it('reads a JSON number exactly as its decimal text', () => {
    fc.assert(
      fc.property(minorUnits, (amount) => {
        const parsed: unknown = JSON.parse(formatMoney(amount));
        return parseMoney(parsed) === amount;
      }),
    );
  });

  it('adds up without drifting, as floats would', () => {
    const total = Array.from({ length: 1_000 }, () => parseMoney(0.1) ?? Number.NaN).reduce(
      (a, b) => a + b,
      0,
    );
    expect(formatMoney(total)).toBe('100.00');
  });

  it.each([
    ['299.99', 29_999],
    [299.99, 29_999],
    ['300', 30_000],
    ['299.9', 29_990],
    [0, 0],
    ['999999999999.99', maxMinorUnits],
  ])('reads %j as %d minor units', (value, expected) => {
    expect(parseMoney(value)).toBe(expected);
  });

  it.each([
    '1.005',
    1.005,
    0.1 + 0.2,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1,
    '-1.00',
    '1e3',
    1e21,
    1e-7,
    '',
    ' 1',
    '1.',
    '.5',
    '1,00',
    '0x10',
    '1000000000000.00',
    null,
    undefined,
    true,
    [1],
    {},
  ])('refuses %j', (value) => {
    expect(parseMoney(value)).toBeUndefined();
  });

  it('names the place of an amount that is not more than zero', () => {
    expect(() => requirePositiveMoney('0.00', '#/amount')).toThrow('#/amount: must be more than 0.00');
  });
});
