import { describe, expect, it } from 'vitest';
import { createEvaluator, Matcher } from '../../src/expression/index.ts';

const evaluator = createEvaluator({ random: () => 0.5, now: () => 0, env: {} });

function matcher(source: string): Matcher {
  const value = evaluator.evaluate(source, {});
  if (value instanceof Matcher) return value;
  throw new Error(`${source} gave no matcher`);
}

describe('matchers', () => {
  it.each([
    ['is.string()', ['', 'a'], [1, null, undefined]],
    ['is.number()', [1, 1.5], ['1', null]],
    ['is.int()', [1, -2], [1.5, '1']],
    ['is.bool()', [true, false], ['true', 0]],
    ['is.list()', [[], [1]], [{}, 'a']],
    ['is.uuid()', ['0190a6f0-7c3e-7d31-9b1f-3a5b2c4d5e6f'], ['0190a6f0', 1]],
    ['is.email()', ['a.b@example.org'], ['a@b', 'a b@example.org', 'example.org']],
    [
      'is.date()',
      ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.123+02:00'],
      ['2026-01-02', '2026-13-02T03:04:05Z', '2026-02-30T03:04:05Z'],
    ],
    ['is.money()', ['12.50', '-0.05'], ['12.5', 12.5, '1e2']],
    ['is.present()', [0, null, ''], [undefined]],
    ['is.absent()', [undefined], [null, 0]],
    ['is.oneOf(["a", 1, [2]])', ['a', 1, [2]], ['b', 2, [3]]],
    ['matches("^a+$")', ['aa'], ['ab', 1]],
  ])('%s accepts %j and refuses %j', (source, good, bad) => {
    const { accepts } = matcher(source);
    for (const value of good) expect(accepts(value), JSON.stringify(value)).toBe(true);
    for (const value of bad) expect(accepts(value), JSON.stringify(value)).toBe(false);
  });

  it('is printed as it was written', () => {
    expect(matcher('is.oneOf([1, "a"])').description).toBe('is.oneOf([1,"a"])');
    expect(matcher('matches("a")').description).toBe('matches("a")');
  });

  it('refuses a pattern that is no regular expression', () => {
    expect(() => evaluator.evaluate('matches("(")', {})).toThrow(/Invalid regular expression/);
  });

  it('cuts off a pattern that backtracks for ever', () => {
    expect(matcher('matches("^(a+)+$")').accepts(`${'a'.repeat(60)}!`)).toBe(false);
  });
});
