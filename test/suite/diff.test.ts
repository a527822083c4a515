import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Matcher } from '../../src/expression/index.ts';
import { diff } from '../../src/suite/diff.ts';

const isOne = new Matcher('is.one()', (value) => value === 1);
const isAbsent = new Matcher('is.absent()', (value) => value === undefined);

describe('diff', () => {
  it.each([
    ['equal scalars', 1, 1, []],
    ['a number and its text', 12.5, '12.5', ['changed body 12.5 "12.5"']],
    ['null and nothing', { a: null }, {}, ['missing body.a null undefined']],
    ['false and null', false, null, ['changed body false null']],
    ['further keys', { a: 1 }, { a: 1, b: 2 }, []],
    ['a shorter list', [1, 2], [1], ['missing body[1] 2 undefined']],
    ['a list too short for absent', [1, isAbsent], [1], ['missing body[1] is.absent() undefined']],
    ['a longer list', [1], [1, { x: 1 }], ['unexpected body[1] undefined {"x":1}']],
    ['a reordered list', [1, 2], [2, 1], ['changed body[0] 1 2', 'changed body[1] 2 1']],
    ['a mapping for a list', [1], { 0: 1 }, ['changed body [1] {"0":1}']],
    ['odd keys', { 'a-b': { c: 1 } }, { 'a-b': { c: 2 } }, ['changed body["a-b"].c 1 2']],
    ['inherited keys', { toString: isAbsent }, {}, []],
    ['a matcher that accepts', { a: isOne }, { a: 1 }, []],
    ['a matcher that refuses', { a: isOne }, { a: 2 }, ['changed body.a is.one() 2']],
    ['a matcher and nothing', { a: isOne }, {}, ['missing body.a is.one() undefined']],
    ['absent and there', { a: isAbsent }, { a: 1 }, ['changed body.a is.absent() 1']],
    ['JSON and text', { a: 1 }, 'oops', ['changed body {"a":1} "oops"']],
  ])('compares %s', (_what, expected, received, lines) => {
    const found = diff(expected, received, 'partial').map(
      ({ kind, path, expected: wanted, received: got }) => `${kind} ${path} ${wanted} ${got}`,
    );
    expect(found).toEqual(lines);
  });

  it('finds further keys when it has to be exact', () => {
    expect(diff({ a: { b: 1 } }, { a: { b: 1, c: 2 }, d: 3 }, 'exact')).toEqual([
      { path: 'body.a.c', kind: 'unexpected', received: '2' },
      { path: 'body.d', kind: 'unexpected', received: '3' },
    ]);
  });

  it('finds nothing between a JSON value and itself', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(diff(value, structuredClone(value), 'exact')).toEqual([]);
      }),
    );
  });

  it('finds something exactly when two JSON values are not the same', () => {
    const sorted = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(sorted);
      if (typeof value !== 'object' || value === null) return value;
      return Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, item]) => [key, sorted(item)]);
    };
    const isSame = (a: unknown, b: unknown) =>
      JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)) && Array.isArray(a) === Array.isArray(b);
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(1, 'a', null, true),
        fc.array(tie('value'), { maxLength: 2 }),
        fc.dictionary(fc.constantFrom('x', 'y'), tie('value')),
      ),
    })).value;
    fc.assert(
      fc.property(json, json, (a, b) => {
        fc.pre(!JSON.stringify([a, b]).includes('[]') && !JSON.stringify([a, b]).includes('{}'));
        expect(diff(a, b, 'exact').length === 0).toBe(isSame(a, b));
      }),
    );
  });
});
