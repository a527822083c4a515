import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { glob } from 'tinyglobby';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadProject } from '../../src/config/index.ts';
import { compileSchema } from '../../src/lib/json-schema.ts';
import { parseSource } from '../../src/source/index.ts';
import { loadSuites, sharedSchema, suiteSchema } from '../../src/suite/index.ts';
import { folderWith } from './shop.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const files = (await glob('suites/**/*.yaml', { cwd: root, absolute: true })).sort();
const schemas = { suite: compileSchema(suiteSchema), shared: compileSchema(sharedSchema) };

const schemaFor = (file: string) => (file.includes('/shared/') ? schemas.shared : schemas.suite);

/** Every copy of the data in which one key somewhere is misspelt; keys of free mappings are left as they are. */
function* misspelt(data: unknown): Generator<unknown> {
  if (typeof data !== 'object' || data === null) return;
  for (const [key, value] of Object.entries(data)) {
    const rest = Object.fromEntries(Object.entries(data).filter(([name]) => name !== key));
    if (['suite', 'tests', 'test', 'steps', 'expect', 'poll', 'until', 'get', 'post', 'status'].includes(key))
      yield { ...rest, [`${key}x`]: value };
  }
}

describe('the suites that come with the product', () => {
  it('are there', () => {
    expect(files.length).toBeGreaterThan(0);
  });

  it.each(files.map((file) => [relative(root, file), file]))('%s fits its schema', (name, file) => {
    const { data } = parseSource(name, readFileSync(file, 'utf8'));
    const schema = schemaFor(file);
    expect(schema.fits(data) ? [] : schema.errors()).toEqual([]);
  });

  it.each(files.map((file) => [relative(root, file), file]))(
    'a slip of the fingers in %s does not',
    (name, file) => {
      const { data } = parseSource(name, readFileSync(file, 'utf8'));
      const slips = [...misspelt(data)];
      expect(slips.length).toBeGreaterThan(0);
      for (const slip of slips) expect(schemaFor(file).fits(slip)).toBe(false);
    },
  );

  it('are understood, every expression in them included', async () => {
    // No topology has everything that suites name; these two together do.
    const services = ['default', 'async-checkout'].flatMap((topology) =>
      loadProject({ file: 'e2e.config.yaml', topology, env: {}, cwd: root }).services.map(({ name }) => name),
    );
    const suites = await loadSuites({ files: [], found: files, cwd: root, services: [...new Set(services)] });
    expect(suites.flatMap(({ tests }) => tests).length).toBeGreaterThan(0);
  });
});

describe('docs/suites.md', () => {
  it('shows a suite and a file for use that are understood as they stand', async () => {
    const text = readFileSync(`${root}/docs/suites.md`, 'utf8');
    const [suite = '', shared = ''] = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml]) => yaml);
    const folder = await folderWith({ 's.yaml': suite, 'shared/login.yaml': shared });
    onTestFinished(folder.remove);
    const files = [`${folder.root}/s.yaml`];
    const suites = await loadSuites({ files, cwd: folder.root, services: ['users', 'orders'] });
    expect(suites).toMatchObject([{ name: 'Checkout', tests: [{ rows: [{}, {}] }] }]);
  });
});

describe('the schemas', () => {
  const step = (text: string) => parseSource('s', `suite: S\ntests: [{ test: t, steps: [${text}] }]\n`).data;

  it.each([
    '{ get: "${a}/", expect: { status: 2xx, time: < 500ms, that: a == b } }',
    '{ post: "${a}/", parallel: 20, json: [1, { a: null }], expect: { statuses: { 201: 1, 4xx: 19 } } }',
    '{ get: "${a}/", poll: { until: a, every: 1.5s }, expect: { exactly: [], headers: { a: 1 } } }',
    '{ use: ./x.yaml, with: { a: [1] }, as: b }',
  ])('accept %s', (text) => {
    expect(schemas.suite.fits(step(text))).toBe(true);
  });

  it.each([
    '{ gett: "${a}/" }',
    '{ get: 1 }',
    '{ get: "${a}/", expect: { stat: 200 } }',
    '{ get: "${a}/", expect: { status: "200" } }',
    '{ get: "${a}/", expect: { status: 700 } }',
    '{ get: "${a}/", expect: { statuses: { ok: 1 } } }',
    '{ get: "${a}/", expect: { time: 500ms } }',
    '{ get: "${a}/", timeout: 500 }',
    '{ get: "${a}/", parallel: 1 }',
    '{ get: "${a}/", poll: { every: 1s } }',
    '{ use: 1 }',
  ])('refuse %s', (text) => {
    expect(schemas.suite.fits(step(text))).toBe(false);
  });
});
