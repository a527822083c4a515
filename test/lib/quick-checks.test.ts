import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/index.ts';
import { compileSchema, type JsonSchema } from '../../src/lib/json-schema.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { parseSource } from '../../src/source/index.ts';

type Path = readonly (string | number)[];

const root = fileURLToPath(new URL('../../', import.meta.url));
const require = createRequire(import.meta.url);
/** What `npm run build` has made, by the text of the schema. */
const quickChecks: ReadonlyMap<string, (data: unknown) => boolean> = require(
  `${root}dist/cli/code/quick-checks.cjs`,
);

function quickCheck(schema: JsonSchema) {
  const check = quickChecks.get(JSON.stringify(schema));
  if (check === undefined) throw new Error('the build has made no check of this schema');
  return check;
}

const random = seededRandom(7);
const oneOf = <T>(values: readonly T[]): T => {
  const chosen = values[Math.floor(random() * values.length)];
  if (chosen === undefined) throw new Error('there is nothing to choose from');
  return chosen;
};

/** Every place in data, except the whole. */
function placesIn(data: unknown, at: Path = []): Path[] {
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data).flatMap(([key, value]) => {
    const place = [...at, Array.isArray(data) ? Number(key) : key];
    return [place, ...placesIn(value, place)];
  });
}

/** The data with something else at one place, or with one more there. */
function spoilt(data: unknown): unknown {
  const copy = structuredClone(data);
  const place = oneOf(placesIn(copy));
  const parent = place
    .slice(0, -1)
    .reduce<Record<string, unknown>>((node, key) => node[key] as never, copy as never);
  parent[oneOf([place.at(-1) ?? '', 'surprise'])] = oneOf([
    null,
    true,
    -1,
    1.5,
    0,
    '',
    'word',
    [],
    [1],
    {},
    { a: 1 },
  ]);
  return copy;
}

const read = (file: string) => parseSource(file, readFileSync(root + file, 'utf8')).data;
const wholeConfig = read('e2e.config.yaml');
interface Suite {
  readonly tests?: readonly { readonly steps?: readonly unknown[] }[];
}
const suites = readdirSync(`${root}suites`, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => read(`suites/${file}`) as Suite);

describe('the checks that the build makes', () => {
  it('accept the configuration of the shop', () => {
    expect(quickCheck(configSchema)(wholeConfig)).toBe(true);
  });

  it('say of a spoilt configuration what the schema says', () => {
    const explaining = compileSchema(configSchema);
    const quick = quickCheck(configSchema);
    const said = Array.from({ length: 300 }, () => {
      const data = spoilt(wholeConfig);
      expect(quick(data), JSON.stringify(data)).toBe(explaining.fits(data));
      return quick(data);
    });
    // Neither always yes nor always no.
    expect(new Set(said)).toEqual(new Set([true, false]));
  });

  it('say of spoilt suites, and of their steps, what the schemas say', () => {
    const steps = suites.flatMap(({ tests = [] }) => tests.flatMap((test) => test.steps ?? []));
    const said = [...quickChecks].flatMap(([schema, quick]) => {
      const explaining = compileSchema(JSON.parse(schema));
      return Array.from({ length: 60 }, () => {
        const data = spoilt(oneOf(random() < 0.5 ? suites : steps));
        expect(quick(data), JSON.stringify(data)).toBe(explaining.fits(data));
        return quick(data);
      });
    });
    expect(new Set(said)).toEqual(new Set([true, false]));
  });
});
