import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadProject, type ServiceSpec } from '../../src/config/index.ts';
import { renderError, ShopctlError } from '../../src/errors/index.ts';

function load(text: string, env: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'shopctl-probes-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'e2e.config.yaml'), text);
  return { folder, ...loadProject({ file: 'e2e.config.yaml', cwd: folder, env }) };
}

/** What is wrong with a service `a` that has these keys. */
function mistakes(keys: string): string {
  try {
    load(`services:\n  a: { ${keys} }\n`);
  } catch (error) {
    if (error instanceof ShopctlError && error.exitCode === 2) return renderError(error, false);
    throw error;
  }
  return expect.unreachable('it was accepted');
}

const named = (services: readonly ServiceSpec[], name: string) => services.find((spec) => spec.name === name);

test('several probes are asked in one order: output, port, answers, commands', () => {
  const { services, folder } = load(
    `
services:
  a:
    command: x
    port: 8000
    cwd: sub
    ready:
      command: node check.js "\${MODE} mode"
      http: { path: /health, status: 2xx, headers: { Content-Type: application/json }, body: 'body.status == "up"' }
      log: /listening on \\d+/i
      tcp: true
      try: 3s
  b: { command: x, ready: { log: ready, timeout: 1m } }
  c: { url: "http://127.0.0.1:9", ready: { command: [check, "a b"] }, live: { http: /livez, start-period: 30s } }
`,
    { MODE: 'fast slow' },
  );
  const a = named(services, 'a');
  expect(a?.ready).toMatchObject({ everyMs: 250, tryMs: 3_000, timeoutMs: 20_000 });
  expect(a?.ready.probe).toMatchObject({
    kind: 'all',
    probes: [
      { kind: 'log', pattern: 'listening on \\d+', ignoresCase: true },
      { kind: 'tcp' },
      {
        kind: 'http',
        path: '/health',
        status: ['2xx'],
        headers: { 'content-type': 'application/json' },
        body: { source: 'body.status == "up"', place: { file: 'e2e.config.yaml', line: 9, column: 94 } },
      },
      { kind: 'command', command: ['node', 'check.js', 'fast slow mode'], cwd: join(folder, 'sub') },
    ],
  });
  expect(a?.live?.probe).toMatchObject({ probes: [{ kind: 'tcp' }, { kind: 'http' }, { kind: 'command' }] });
  expect(a?.live?.timeoutMs).toBe(10_000);
  expect(named(services, 'b')?.ready).toEqual({
    probe: { kind: 'log', text: 'ready' },
    everyMs: 25,
    timeoutMs: 60_000,
  });
  expect(named(services, 'b')).not.toHaveProperty('live');
  const c = named(services, 'c');
  expect(c?.ready.probe).toEqual({ kind: 'command', command: ['check', 'a b'], cwd: folder });
  expect(c?.live).toMatchObject({ probe: { kind: 'http', path: '/livez' }, startPeriodMs: 30_000 });
});

test('brokers and databases are asked where they are', () => {
  const { services, folder } = load(
    `
services:
  mq: { command: x, port: 5700, ready: { amqp: true } }
  a:
    command: x
    database: \${project.root}/data/a.db
    ready: { amqp: "\${MQ}", sql: SELECT 1; }
  b:
    command: x
    database: { file: data/b.db, url: "\${DB}", name: shop, suffix: "_\${project.data.id}_b", schema: books }
  c: { command: x, database: { file: data/c.db, url: "\${NONE:-}" } }
topologies: { small: { services: [c], override: { c: { database: false } } } }
`,
    { MQ: 'amqp://u:p@127.0.0.1:5701/v', DB: 'postgres://u:p@127.0.0.1:5432?sslmode=disable' },
  );
  const mq = { kind: 'amqp', url: 'amqp://guest:guest@127.0.0.1:5700', isOwn: true };
  expect(named(services, 'mq')?.ready).toMatchObject({ probe: mq, everyMs: 100 });
  expect(named(services, 'mq')?.live?.probe).toEqual(mq);
  const database = { kind: 'sqlite', file: join(folder, 'data/a.db') };
  expect(named(services, 'a')).toMatchObject({ database });
  expect(named(services, 'a')?.ready.probe).toEqual({
    kind: 'all',
    probes: [
      { kind: 'amqp', url: 'amqp://u:p@127.0.0.1:5701/v', isOwn: false },
      { kind: 'sql', statement: 'SELECT 1', database },
    ],
  });
  expect(named(services, 'b')?.database).toEqual({
    kind: 'postgresql',
    url: expect.stringMatching(/^postgres:\/\/u:p@127\.0\.0\.1:5432\/shop_[0-9a-f]{8}_b\?sslmode=disable$/),
    schema: 'books',
  });
  expect(named(services, 'c')?.database).toEqual({ kind: 'sqlite', file: join(folder, 'data/c.db') });
});

test('what waits for a line only is watched at its port', () => {
  const { services } = load('services:\n  a: { command: x, port: 8000, ready: { log: up } }\n');
  expect(named(services, 'a')?.live?.probe).toEqual({ kind: 'tcp' });
});

test.each([
  [
    'a blank line',
    'command: x, ready: { log: " " }',
    ':2:34 `a` waits for no line that can be meant: it is blank',
  ],
  ['a pattern for any line', 'command: x, ready: { log: /x*/ }', 'it matches an empty line too'],
  ['a pattern that is none', 'command: x, ready: { log: "/(/" }', 'no regular expression: /(/'],
  ['a flag that is none', 'command: x, ready: { log: /x/g }', 'there is no flag `g` here'],
  ['a line break', 'command: x, ready: { log: "a\\nb" }', 'it has a line break'],
  ['output of what runs elsewhere', 'url: "http://x", ready: { log: up }', '`a` runs elsewhere'],
  [
    'a line as a sign of life',
    'command: x, port: 1, live: { log: up }',
    'unknown key `log` in `services.a.live`',
  ],
  ['a broker without a port', 'command: x, ready: { amqp: true }', '`a` has an amqp probe but no port'],
  ['a broker that is none', 'command: x, ready: { amqp: "http://u:hush@x" }', 'is no AMQP URL'],
  [
    'SQL without a database',
    'command: x, ready: { sql: SELECT 1 }',
    'is to be asked by SQL but has no database',
  ],
  ['SQL that writes', 'command: x, database: a.db, ready: { sql: DELETE FROM x }', '`DELETE` is not a query'],
  [
    'a database of no kind',
    'command: x, database: users',
    '`users` does not say what kind of database it is',
  ],
  ['a database that is nowhere', 'command: x, database: { url: "${NONE:-}" }', 'neither `file` nor `url`'],
  [
    'an unknown kind',
    'command: x, database: "mysql://u:hush@h/d"',
    'databases of the kind mysql are not known here',
  ],
  ['a job that is asked', 'command: x, job: true, ready: { command: "true" }', '`a` is a job: it is done'],
  [
    'a command that needs a shell',
    'command: x, ready: { command: "x | y" }',
    'the command in `ready` of `a` cannot',
  ],
  ['an unset variable', 'command: x, ready: { command: "x ${NOPE}" }', ':2:38 NOPE is not set'],
  ['a status that is none', 'command: x, port: 1, ready: { http: { path: /, status: 999 } }', 'status'],
  [
    'a check without a path',
    'command: x, port: 1, ready: { http: { status: 200 } }',
    'the key `path` is missing',
  ],
  ['a life that nobody can ask for', 'command: x, live: { every: 1s }', 'but has no port'],
  [
    'an http question without a port',
    'command: x, live: { http: /livez }',
    'is to be asked whether it lives',
  ],
])('%s is a mistake', (_title, keys, message) => {
  const text = mistakes(keys);
  expect(text).toContain(message);
  expect(text.replace(/^ .*$/gm, '')).not.toContain('hush');
  expect(text.match(/^e2e\.config\.yaml:\d+:/gm)).toHaveLength(1);
});
