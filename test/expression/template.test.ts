import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileTemplate, createEvaluator, ExpressionError, Matcher } from '../../src/expression/index.ts';

const evaluator = createEvaluator({ random: () => 0.5, now: () => 0, env: {} });
const resolve = (value: unknown, scope = {}) => compileTemplate(value).resolve(evaluator, scope);

describe('compileTemplate', () => {
  it.each([
    ['${n}', { n: 3 }, 3],
    ['id-${n}', { n: 3 }, 'id-3'],
    ['${a}${b}', { a: 'x', b: true }, 'xtrue'],
    ['$${n} costs $5', {}, '${n} costs $5'],
    ['${"}" + s}', { s: '{' }, '}{'],
    ['${{"a": {"b": 1}}.a.b}', {}, 1],
    ['${items}', { items: [1, null] }, [1, null]],
    ['got ${items}', { items: [1, null] }, 'got [1,null]'],
    ['', {}, ''],
  ])('resolves %s with %j to %j', (template, scope, expected) => {
    expect(resolve(template, scope)).toEqual(expected);
  });

  it('walks lists and mappings and leaves keys and other scalars as they are', () => {
    expect(resolve({ 'a${n}': ['${n}', 1, null, { b: true }] }, { n: 2 })).toEqual({
      'a${n}': [2, 1, null, { b: true }],
    });
  });

  it.each([
    ['a ${b', 2, 'this `${` has no closing `}`'],
    ['${"}"', 0, 'this `${` has no closing `}`'],
    ['${ }', 0, 'there is no expression in `${}`'],
  ])('reports %s at offset %i', (template, offset, message) => {
    expect(compileTemplate({ x: [template] }).problems).toEqual([{ path: ['x', 0], offset, message }]);
  });

  it('lists its expressions with path and offset', () => {
    expect(compileTemplate({ url: 'http://${host}/${id}' }).expressions).toEqual([
      { path: ['url'], offset: 9, source: 'host' },
      { path: ['url'], offset: 17, source: 'id' },
    ]);
  });

  it('says in which scalar and where in it an expression failed', () => {
    const template = compileTemplate({ json: ['x ${nope.id}'] });
    let caught: unknown;
    try {
      template.resolve(evaluator, {});
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(ExpressionError);
    expect(caught).toMatchObject({ at: { path: ['json', 0], offset: 4 }, offset: 0, length: 4 });
  });

  it('keeps a matcher that stands alone and refuses one inside a text', () => {
    expect(resolve('${is.string()}')).toBeInstanceOf(Matcher);
    expect(() => resolve('a ${is.string()}')).toThrow(
      'is.string() is a matcher and cannot be part of a longer text',
    );
  });

  it('gives back any text whose ${ are escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'a', '"') }), (text) => {
        // A `$` directly before an escape would itself read as part of it, so such texts are left out.
        fc.pre(!text.includes('$${'));
        expect(resolve(text.split('${').join('$${'))).toBe(text);
      }),
    );
  });

  it('keeps every JSON value that is the whole scalar', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: true }), (value) => {
        expect(JSON.stringify(resolve('${v}', { v: value }))).toBe(JSON.stringify(value));
      }),
    );
  });
});
