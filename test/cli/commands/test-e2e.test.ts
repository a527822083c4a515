import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type TestE2eContext, type TestE2eOptions, testE2e } from '../../../src/cli/commands/test-e2e.ts';
import { loadProject } from '../../../src/config/index.ts';
import type { Exchange, Finding } from '../../../src/model/index.ts';
import { folderWith, startServer } from '../../suite/shop.ts';

const config = (url: string) => `
name: demo
services:
  shop: { url: "${url}" }
  gateway: { url: "${url}" }
topologies:
  small: { services: [shop] }
topology: small
suites: { e2e: suites/**/*.yaml }
`;

const suite = (path: string, more = '') => `
suite: S
tests:
  - test: t${path}
    tags: [${path.slice(1)}]
    steps: [{ get: "\${shop}${path}"${more} }]
`;

const shared = 'steps: [{ get: "${shop}/" }]\n';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly ups: number;
  readonly root: string;
}

interface Setup {
  readonly files: Record<string, string>;
  readonly options?: Partial<TestE2eOptions>;
  readonly context?: Partial<TestE2eContext>;
  readonly findings?: (exchange: Exchange) => readonly Finding[];
}

async function runIn({ files, options = {}, context = {}, findings }: Setup): Promise<Ran> {
  const server = await startServer(({ path }) => ({ status: path === '/bad' ? 500 : 200, json: {} }));
  const folder = await folderWith({ 'e2e.config.yaml': config(server.url), ...files });
  onTestFinished(async () => {
    await server.close();
    await folder.remove();
  });
  let out = '';
  let ups = 0;
  const code = await testE2e(
    { paths: [], ...options },
    {
      stdout: {
        columns: 80,
        write: (text: string | Uint8Array) => {
          out += String(text);
          return true;
        },
      },
      ...{ color: false, json: false, quiet: false, seed: 5, env: {}, signal: new AbortController().signal },
      loadProject: async () =>
        loadProject({ file: join(folder.root, 'e2e.config.yaml'), env: {}, cwd: folder.root, data: 'kept' }),
      ...context,
    },
    {
      withTopology: (project, _context, body) => {
        ups += 1;
        return body(project);
      },
      ...(findings === undefined ? {} : { openContracts: async () => findings }),
      cwd: folder.root,
    },
  );
  return { code, out, ups, root: folder.root };
}

const good = { 'suites/good.yaml': suite('/good'), 'suites/shared/steps.yaml': shared };

describe('shopctl test e2e', () => {
  it('runs the suites of the configuration, leaving out the files of shared steps', async () => {
    const { code, out } = await runIn({ files: good });
    expect(code).toBe(0);
    expect(out).toMatch(/^✓ S › t\/good \(.*\)\n\n1 passed, 0 failed, 0 skipped in .* · seed 5\n$/);
  });

  it('ends with 1 when a test fails, and writes reports all the same', async () => {
    const { code, root } = await runIn({
      files: { ...good, 'suites/bad.yaml': suite('/bad') },
      options: { report: ['junit=out/junit.xml', 'json=out/run.json'] },
    });
    expect(code).toBe(1);
    expect((await readdir(join(root, 'out'))).sort()).toEqual(['junit.xml', 'run.json']);
    expect(await readFile(join(root, 'out/junit.xml'), 'utf8')).toContain('tests="2" failures="1"');
  });

  it('ends with 1 when only a contract is broken', async () => {
    const { code, out } = await runIn({
      files: good,
      findings: () => [{ rule: 'type', message: 'no number' }],
    });
    expect(code).toBe(1);
    expect(out).toContain('no number (type)');
  });

  it('ends with 130 when it was interrupted', async () => {
    const { code, out } = await runIn({ files: good, context: { signal: AbortSignal.abort() } });
    expect(code).toBe(130);
    expect(out).toContain('interrupted: 0 passed, 0 failed, 1 skipped');
  });

  it('prints nothing but the report with json, and nothing of passed tests with quiet', async () => {
    const asJson = await runIn({ files: good, context: { json: true } });
    expect(JSON.parse(asJson.out)).toMatchObject({ schema: 'shopctl/test/1', counts: { passed: 1 } });
    const quiet = await runIn({ files: good, context: { quiet: true } });
    expect(quiet.out).not.toContain('✓');
    expect(quiet.out).toContain('1 passed');
  });

  it('runs what is named: files, folders, tags and patterns', async () => {
    const files = { ...good, 'suites/bad.yaml': suite('/bad'), 'more/deep/other.yml': suite('/other') };
    const testsOf = async (options: Partial<TestE2eOptions>) =>
      [...(await runIn({ files, options })).out.matchAll(/› (t\S+)/g)].map(([, name]) => name);
    expect(await testsOf({ paths: ['suites/good.yaml'] })).toEqual(['t/good']);
    expect(await testsOf({ paths: ['more'] })).toEqual(['t/other']);
    expect(await testsOf({ tag: ['good'] })).toEqual(['t/good']);
    expect(await testsOf({ grep: 'T/GO+' })).toEqual(['t/good']);
  });

  it('skips a suite that needs a service of another topology, and says so', async () => {
    const other = 'suite: O\nneeds: [gateway]\ntests: [{ test: o, steps: [{ get: "${gateway}/" }] }]\n';
    const { code, out } = await runIn({ files: { ...good, 'suites/o.yaml': other } });
    expect(code).toBe(0);
    expect(out).toContain('- O › o skipped: needs gateway, not in this topology');
  });

  it.each([
    ['a tag nobody has', { tag: ['nope'] }, 'nothing-to-test'],
    ['a pattern that fits nothing', { grep: 'nope' }, 'nothing-to-test'],
    ['a pattern that is none', { grep: '(' }, 'usage'],
    ['a path that is not there', { paths: ['nope.yaml'] }, 'file-unreadable'],
    ['a folder without suites', { paths: ['empty'] }, 'nothing-to-test'],
    ['shared steps by name', { paths: ['suites/shared/steps.yaml'] }, 'suite-invalid'],
    ['no jobs', { jobs: '0' }, 'usage'],
    ['an unknown report', { report: ['junitt=x'] }, 'report-invalid'],
  ])('refuses %s with 2 before anything starts', async (_what, options, code) => {
    const files = { ...good, 'empty/readme.md': '' };
    await expect(runIn({ files, options })).rejects.toMatchObject({ code, exitCode: 2 });
  });

  it.each([
    ['no suite', {}, 'nothing-to-test'],
    [
      'nothing but skipped tests',
      { 'suites/s.yaml': 'suite: S\ntests: [{ test: t, skip: later, steps: [{ get: "${shop}/" }] }]\n' },
      'nothing-to-test',
    ],
    ['a misspelt key', { 'suites/s.yaml': suite('/', ', expct: { status: 200 }') }, 'suite-invalid'],
  ])('is never green with %s', async (_what, files, code) => {
    await expect(runIn({ files })).rejects.toMatchObject({ code, exitCode: 2 });
  });
});
