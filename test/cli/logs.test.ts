import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fixture, temporaryFolder, until } from '../topology/support.ts';
import { runCli, startCli } from './run-cli.ts';

/** A project whose services need no port; whatever still runs in it at the end of the test is stopped. */
function project(services: Readonly<Record<string, string>>, more = '') {
  const folder = temporaryFolder();
  const lines = Object.entries(services).map(
    ([name, program]) => `  ${name}: { command: ${JSON.stringify([process.execPath, fixture(program)])} }`,
  );
  writeFileSync(join(folder, 'e2e.config.yaml'), ['name: trial', 'services:', ...lines, more, ''].join('\n'));
  onTestFinished(async () => {
    await runCli(['down'], { cwd: folder });
  });
  const pidOf = (service: string) => {
    const state: { services: { name: string; pid?: number }[] } = JSON.parse(
      readFileSync(join(folder, '.shopctl', 'state.json'), 'utf8'),
    );
    return state.services.find(({ name }) => name === service)?.pid ?? 0;
  };
  return { folder, pidOf, run: (...args: string[]) => runCli(args, { cwd: folder }) };
}

test('structured lines are shown for people, filtered, raw, or as documents', async () => {
  const { folder, run } = project({ api: 'logs-json.mjs' });
  await run('up', '-d');
  await until('both streams are in the log', () => {
    const text = readFileSync(join(folder, '.shopctl', 'logs', 'api.log'), 'utf8');
    return text.includes('started') && text.includes('at f');
  });
  const all = await run('logs');
  expect(all.stdout).toMatch(/^api \| \d\d:\d\d:\d\d\.\d{3} INFO {2}started request_id=req-1$/m);
  const stack = 'api | Error: boom\napi |     at f (a.js:1)\n';
  expect((await run('logs', '--level', 'warn')).stdout).toBe(stack);
  expect((await run('logs', '--level', 'error', '--grep', 'boom', '-n', '5')).stdout).toBe(
    'api | Error: boom\n',
  );
  expect((await run('logs', '--raw', '--request-id', 'req-1')).stdout).toMatch(/^\{"time":.*"req-1"\}\n$/);
  const document = JSON.parse((await run('logs', '--json', '--grep', '/^\\{/')).stdout);
  expect(document).toMatchObject({
    service: 'api',
    time: expect.stringMatching(/Z$/),
    stream: 'stdout',
    level: 'info',
    message: 'started',
    request_id: 'req-1',
    fields: { request_id: 'req-1' },
  });
  const error = JSON.parse((await run('logs', '--json', '--grep', 'boom')).stdout);
  expect(error).toEqual({ ...error, stream: 'stderr', level: 'error', text: 'Error: boom', fields: null });
});

test.each([
  [['--level', 'loud'], 'It must be one of trace, debug, info, warn, error, fatal.'],
  [['--grep', '/(/'], 'Unterminated group'],
  [['--grep', ''], 'It must not be empty.'],
])('%j is refused with a remedy', async (args, remedy) => {
  const { run } = project({ api: 'logs-json.mjs' });
  const { code, stderr } = await run('logs', ...args);
  expect(code).toBe(2);
  expect(stderr).toContain(remedy);
});

test('logs -f goes on with the next run, says so, and takes its other services in', async () => {
  const { folder, run } = project(
    { api: 'logs-json.mjs', web: 'logs-json.mjs' },
    'topology: small\ntopologies: { small: { services: [api] } }',
  );
  await run('up', '-d');
  const logs = startCli(['logs', '-f'], { cwd: folder });
  await logs.shows('started');
  await run('down');
  await run('up', '-d', '--topology', 'default');
  await logs.shows('web | Error: boom');
  const startsOfApi = () => logs.output.stdout.match(/api.*started/g)?.length ?? 0;
  await until('the second run of api is shown', () => startsOfApi() > 1);
  expect(logs.output.stderr).toContain('a new run of the topology default has begun');
  logs.child.kill('SIGINT');
  expect((await logs.exited).code).toBe(130);
  expect(startsOfApi()).toBe(2);
});

test.each([
  [[], /^api \| \d\d:\d\d:\d\d\.\d{3} WARN {2}poked {2}request_id=req-2$/m],
  [['--raw'], /^\{"time":\d+,"pid":\d+,"level":40,"msg":"poked \\u001b\[2J","request_id":"req-2"\}$/m],
])('the foreground shows lines as `logs` does (up %j)', async (args, line) => {
  const { folder, pidOf } = project({ api: 'logs-json.mjs' });
  const up = startCli(['up', ...args], { cwd: folder });
  await up.shows('Ctrl-C stops them');
  // Its handler is there once it has written; that line may have come before the display was ready.
  await until('the service listens to the signal', () =>
    readFileSync(join(folder, '.shopctl', 'logs', 'api.log'), 'utf8').includes('boom'),
  );
  process.kill(pidOf('api'), 'SIGUSR2');
  await up.shows('poked');
  up.child.kill('SIGINT');
  expect((await up.exited).stdout).toMatch(line);
});

test.each([
  ['logs: { max: 1KB }', 'a log file must be able to hold at least 64KB'],
  ['logs: { keep: 0 }', 'logs.keep'],
  ['logs: { max: 20 }', 'such as 20MB'],
  ['logs: { size: 20MB }', 'size'],
])('%s in the configuration is refused at its place', async (logs, words) => {
  const { run } = project({ api: 'logs-json.mjs' }, logs);
  const { code, stderr } = await run('status');
  expect(code).toBe(2);
  expect(stderr).toContain(words);
  expect(stderr).toContain('e2e.config.yaml:4:');
});
