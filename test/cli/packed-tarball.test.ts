import { type ExecFileSyncOptions, execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, freePorts } from '../free-ports.ts';
import { ROOT, runCli } from './run-cli.ts';

const hasPython = spawnSync('python3', ['--version']).status === 0;
const mustRun = process.env['REQUIRE_BACKENDS'] === '1';

// A stranger's folder: the packed package, five lines of configuration, a server in another language, one suite.
describe.skipIf(!hasPython && !mustRun)('the packed package in an empty folder', () => {
  let folder: string;
  let bin: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'shopctl-stranger-'));
    const options: ExecFileSyncOptions = { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] };
    // --ignore-scripts: `npm test` has just built dist; packing must not rebuild it under the other tests.
    execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], options);
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    // Without optional packages: the harness must work where sqlite3 cannot be built.
    const install = [
      'install',
      '--omit=optional',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      './shopctl-0.1.0.tgz',
    ];
    execFileSync('npm', install, { ...options, cwd: folder });
    bin = join(folder, 'node_modules/shopctl/bin/shopctl.js');
    const port = await freePort();
    writeFileSync(
      join(folder, 'e2e.config.yaml'),
      `services:
  web:
    command: python3 -m http.server ${port} --bind 127.0.0.1
    port: ${port}
    ready: { http: / }
`,
    );
    mkdirSync(join(folder, 'suites'));
    writeFileSync(
      join(folder, 'suites/web.yaml'),
      `suite: Web
tests:
  - test: the index is served
    steps:
      - get: \${web}/
        expect: { status: 200, headers: { content-type: "\${matches('^text/html')}" } }
`,
    );
  }, 180_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it('tests the service of a stranger', async () => {
    const result = await runCli(['test', 'e2e'], { cwd: folder, bin });
    expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining('1 passed, 0 failed') });
  });

  it('says what the bundled shop lacks without sqlite3, and how to get it', async () => {
    // On ports of its own: somebody else's shop may be running on this machine.
    const shop = readFileSync(join(folder, 'node_modules/shopctl/e2e.config.yaml'), 'utf8');
    const [users = 0, auth = 0, broker = 0] = await freePorts(3);
    const config = join(folder, 'node_modules/shopctl/moved.config.yaml');
    writeFileSync(
      config,
      shop
        .replace('port: 8001', `port: ${users}`)
        .replace('port: 8002', `port: ${auth}`)
        .replace('port: 5673', `port: ${broker}`),
    );
    const result = await runCli(['up', 'users', '--config', config], { cwd: folder, bin });
    expect(result.code).toBe(3);
    expect(result.stderr).toContain('npm install sqlite3');
  });
});
