import { describe, expect, it } from 'vitest';
import { ShopctlError } from '../../src/errors/index.ts';
import { codeFrame, formatPlace, parseSource, problemAt } from '../../src/source/index.ts';

const text = `name: shop
services:
  users: &base
    port: 5002
    needs: [a, 'b']
  orders:
    <<: *base
    port: 5003
  copy: *base
`;

const at = (path: (string | number)[], part: 'key' | 'value' = 'value') =>
  formatPlace(parseSource('x.yaml', text).placeOf(path, part));

describe('a parsed source', () => {
  it('holds plain data, anchors and merge keys resolved', () => {
    expect(parseSource('x.yaml', text).data).toEqual({
      name: 'shop',
      services: {
        users: { port: 5002, needs: ['a', 'b'] },
        orders: { port: 5003, needs: ['a', 'b'] },
        copy: { port: 5002, needs: ['a', 'b'] },
      },
    });
  });

  it('knows where values, keys and list items stand', () => {
    expect(at(['services', 'users', 'port'])).toBe('x.yaml:4:11');
    expect(at(['services', 'users', 'port'], 'key')).toBe('x.yaml:4:5');
    expect(at(['services', 'users', 'needs', 1])).toBe('x.yaml:5:16');
    expect(at(['services', 'copy', 'port'])).toBe('x.yaml:4:11');
  });

  it('falls back to the nearest ancestor for a path that is not there', () => {
    expect(at(['services', 'users', 'nothing', 'here'])).toBe('x.yaml:4:5');
    expect(at(['nothing'])).toBe('x.yaml:1:1');
  });

  it('shows the line that is meant with carets below', () => {
    const document = parseSource('x.yaml', text);
    expect(codeFrame(text, document.placeOf(['services', 'users', 'port']))).toBe(
      [
        '  2 | services:',
        '  3 |   users: &base',
        '> 4 |     port: 5002',
        '    |           ^^^^',
        "  5 |     needs: [a, 'b']",
        '  6 |   orders:',
      ].join('\n'),
    );
    expect(problemAt(document, ['name'], 'no').place).toEqual({
      file: 'x.yaml',
      line: 1,
      column: 7,
      length: 4,
    });
  });

  it('bears an empty file', () => {
    const document = parseSource('empty.yaml', '');
    expect(document.data).toBeNull();
    expect(formatPlace(document.placeOf(['a']))).toBe('empty.yaml:1:1');
  });
});

describe('a broken source', () => {
  const parse = (broken: string) => () => parseSource('x.yaml', broken);

  it('is refused with the place of the first syntax error', () => {
    try {
      parse('a: 1\na: 2\nb: [1\n')();
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof ShopctlError)) throw error;
      expect(error.code).toBe('yaml-syntax');
      expect(error.exitCode).toBe(2);
      expect(error.problems).toHaveLength(1);
      expect(error.problems[0]).toMatchObject({ place: { line: 2, column: 1 } });
      expect(error.problems[0]?.frame).toContain('> 2 | a: 2');
    }
  });

  it('gets a remedy where an expression lacks its quotes', () => {
    try {
      parse('a: { url: ${users}/api, b: 1 }')();
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof ShopctlError)) throw error;
      expect(error.problems[0]?.hint).toContain('quotes');
    }
  });

  it('is refused when it uses an anchor that is not there', () => {
    expect(parse('a: *nobody')).toThrow(ShopctlError);
  });

  it('is refused when aliases would blow up memory', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
    for (const [name, before] of ['ba', 'cb', 'dc', 'ed'].map((pair) => [pair[0], pair[1]])) {
      bomb.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join(', ')}]`);
    }
    expect(parse(bomb.join('\n'))).toThrow(ShopctlError);
  });
});

describe('a file that is odd', () => {
  const problemOf = (content: string) => {
    try {
      parseSource('x.yaml', content);
    } catch (error) {
      if (error instanceof ShopctlError) return error.problems[0];
      throw error;
    }
    return expect.unreachable('it was accepted');
  };

  it('is told where an alias stands whose anchor does not exist', () => {
    const problem = problemOf('a: 1\nb: *nope\n');
    expect(problem?.message).toBe('there is no anchor `&nope` before this alias');
    expect(problem?.place).toMatchObject({ line: 2, column: 4 });
  });

  it('is told where a second document starts', () => {
    const problem = problemOf('a: 1\n---\nb: 2\n');
    expect(problem?.message).toBe('a second document starts here; a file holds one');
    expect(problem?.place).toMatchObject({ line: 2, column: 1 });
  });

  it('may start with a byte order mark', () => {
    const source = parseSource('x.yaml', '\uFEFFname: shop\n');
    expect(source.placeOf(['name'], 'key')).toMatchObject({ line: 1, column: 1 });
    expect(source.text).toBe('name: shop\n');
  });

  it('shows of a very long line what is around the place', () => {
    const source = parseSource('x.yaml', `a: { b: "${'x'.repeat(5_000)}", c: 1, d: 2 }\n`);
    const [line = '', carets = ''] = codeFrame(source.text, source.placeOf(['a', 'c'])).split('\n');
    expect(line.length).toBeLessThan(200);
    expect(line[carets.indexOf('^')]).toBe('1');
  });
});
