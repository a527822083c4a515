import { describe, expect, it } from 'vitest';
import { replaceUnits } from '../../src/expression/units.ts';

describe('replaceUnits', () => {
  it.each([
    ['p99 < 500ms', 'p99 < 500.0'],
    ['p99 < 250us', 'p99 < 0.25'],
    ['p99 < 250µs', 'p99 < 0.25'],
    ['max < 1.5s && max < 2m', 'max < 1500.0 && max < 120000.0'],
    ['errors < 1%', 'errors < 0.01'],
    ['rate > 100/s', 'rate > 100.0'],
    ['rate % 2 == 0', 'rate % 2 == 0'],
    ['name == "5ms"', 'name == "5ms"'],
    ['p99 < 5', 'p99 < 5'],
    ['a5ms < 1', 'a5ms < 1'],
  ])('%s becomes %s', (source, plain) => {
    expect(replaceUnits(source)).toBe(plain);
  });
});
