import { describe, expect, it } from 'vitest';
import { createEvaluator, ExpressionError, loadFakeData } from '../../src/expression/index.ts';
import { seededRandom } from '../../src/lib/random.ts';

const evaluatorWith = (seed = 1, env: Record<string, string> = {}) =>
  createEvaluator({ random: seededRandom(seed), now: () => Date.UTC(2026, 0, 2), env });
const evaluator = evaluatorWith();

const errorOf = (run: () => unknown): ExpressionError => {
  try {
    run();
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('evaluate', () => {
  it.each([
    ['status == 200', { status: 200 }, true],
    ['body.count == 3', { body: { count: 3 } }, true],
    ['body.price > 3', { body: { price: 3.5 } }, true],
    ['body.price + 1', { body: { price: 3.5 } }, 4.5],
    ['body.count * 2', { body: { count: 3 } }, 6],
    ['body.list[0].a', { body: { list: [{ a: 1 }] } }, 1],
    ['body.list.exists_one(x, x.a == 1)', { body: { list: [{ a: 1 }, { a: 2 }] } }, true],
    ['status in [200, 201]', { status: 201 }, true],
    ['[1, "a", body.x]', { body: { x: 0.5 } }, [1, 'a', 0.5]],
    ['body == {"a": [1]}', { body: { a: [1] } }, true],
    ['body', { body: { n: null, b: true, s: 'x' } }, { n: null, b: true, s: 'x' }],
    ['money(body.a) - money(body.b) == money("1.10")', { body: { a: '200.01', b: 198.91 } }, true],
    ['decimal(money(a) - money("300"))', { a: '299.95' }, '-0.05'],
    ['now()', {}, '2026-01-02T00:00:00.000Z'],
    ['repeat(a, 3)', { a: 'xy' }, 'xyxyxy'],
  ])('%s of %j is %j', (source, scope, expected) => {
    expect(evaluator.evaluate(source, scope)).toEqual(expected);
  });

  it.each(['repeat("xy", 5000001)', 'repeat("x", -1)'])('%s is refused', (source) => {
    expect(errorOf(() => evaluator.evaluate(source, {})).message).toContain('from 0 to 10000000 characters');
  });

  it('reads environment variables and names the one that is not set', () => {
    const withEnv = evaluatorWith(1, { REGION: 'eu' });
    expect(withEnv.evaluate('env.REGION', {})).toBe('eu');
    expect(errorOf(() => withEnv.evaluate('env.NOPE', {})).message).toBe(
      'the environment variable NOPE is not set',
    );
  });

  it('repeats generated values for the same seed, and gives others for another', async () => {
    const fake = await loadFakeData();
    const sources = ['uuid()', 'unique()', 'fake.email()', 'fake.int(1, 1000000)', 'fake.price()'];
    const drawn = (seed: number) => {
      const own = createEvaluator({ random: seededRandom(seed), now: () => 0, env: {}, fake });
      return sources.map((source) => own.evaluate(source, {}));
    };
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1)).not.toEqual(drawn(2));
  });

  it('gives names and keys that no earlier run has used, even for the same seed', () => {
    const drawn = (now: number) => {
      const own = createEvaluator({ random: seededRandom(1), now: () => now, env: {} });
      return [own.evaluate('uuid()', {}), own.evaluate('unique()', {})];
    };
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1)).not.toEqual(drawn(2));
    expect(drawn(1)[1]).not.toBe(drawn(2)[1]);
  });

  it('makes UUIDs of version 7 and numbers that count within a test', () => {
    const own = evaluatorWith(5);
    expect(own.evaluate('uuid()', {})).toMatch(
      /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    );
    expect([own.evaluate('seq()', {}), own.evaluate('seq()', {})]).toEqual([1, 2]);
  });

  it.each([
    ['ordr.body', { order: {} }, 'there is no `ordr` here', 'did you mean `order`?', 0],
    ['order.boddy', { order: { body: 1 } }, '`order` has no `boddy`', 'did you mean `body`?', 6],
    ['body.a.b', { body: { a: null } }, '`body.a` is null and has no `b`', undefined, 7],
    ['body[3]', { body: [1] }, 'index out of bounds, index 3 >= size 1', undefined, undefined],
    ['uid()', {}, 'there is no function `uid`', 'did you mean `uuid`?', 0],
    ['is.strin()', {}, 'there is no function `strin`', 'did you mean `string`?', undefined],
    ['money("1.234")', {}, 'money() needs an amount with at most two decimals, not "1.234"', undefined, 0],
  ])('explains why %s cannot be evaluated', (source, scope, message, hint, offset) => {
    const error = errorOf(() => evaluator.evaluate(source, scope));
    expect(error.message).toBe(message);
    expect(error.hint).toBe(hint);
    if (offset !== undefined) expect(error.offset).toBe(offset);
  });
});

describe('check', () => {
  it.each([
    ['status == 200 && body.a > 1', undefined],
    ['body.list.all(x, x > 1)', undefined],
    ['env.HOME', undefined],
    ['is.oneOf([1, 2])', undefined],
    ['statsu == 200', 'there is no `statsu` here'],
    ['body.list.all(x, y > 1)', 'there is no `y` here'],
    ['status = 200', 'Unexpected character: ='],
    ['is.uid()', 'there is no function `uid`'],
    ['"a" + 1', 'no such overload: string + int'],
  ])('says of %s: %s', (source, message) => {
    expect(evaluator.check(source, ['status', 'body'])?.message).toBe(message);
  });

  it('points at the part that is wrong', () => {
    const error = evaluator.check('status == 200 && bodi.a', ['status', 'body']);
    expect(error?.source.slice(error.offset, error.offset + error.length)).toBe('bodi');
  });
});

describe('canName', () => {
  it.each([
    ['order', true],
    ['case', true],
    ['list', false],
    ['is', false],
    ['env', false],
    ['return', false],
    ['a-b', false],
    ['', false],
  ])('says of %s: %s', (name, expected) => {
    expect(evaluator.canName(name)).toBe(expected);
  });
});

describe('trace', () => {
  it('gives every path, call and comparison of a false expression its value', () => {
    const scope = { order: { body: { total: '4.99', items: [{ n: 1 }] } }, status: 200 };
    expect(
      evaluator.trace('order.body.total == "5.00" && size(order.body.items) == 1 || status == 201', scope),
    ).toEqual([
      { source: 'order.body.total == "5.00" && size(order.body.items) == 1', value: false },
      { source: 'order.body.total == "5.00"', value: false },
      { source: 'order.body.total', value: '4.99' },
      { source: 'size(order.body.items) == 1', value: true },
      { source: 'size(order.body.items)', value: 1 },
      { source: 'order.body.items', value: [{ n: 1 }] },
      { source: 'status == 201', value: false },
      { source: 'status', value: 200 },
    ]);
  });

  it('looks at the list of a comprehension, not at the bound variable', () => {
    expect(evaluator.trace('body.all(x, x > 1)', { body: [1, 2] })).toEqual([
      { source: 'body', value: [1, 2] },
    ]);
  });

  it('says what is missing and shows what is there instead', () => {
    expect(evaluator.trace('body.total == 1', { body: { sum: 1 } })).toEqual([
      { source: 'body.total', error: '`body` has no `total`' },
      { source: 'body', value: { sum: 1 } },
    ]);
  });

  it('never draws a new random value', () => {
    expect(evaluator.trace('body.id == uuid()', { body: { id: 'a' } })).toEqual([
      { source: 'body.id', value: 'a' },
    ]);
  });
});
