import { expect, test } from 'vitest';
import { judgeClock } from '../../src/doctor/checks/clock.ts';
import { databasesOf } from '../../src/doctor/checks/database.ts';
import { judgeDisk } from '../../src/doctor/checks/disk.ts';
import { judgeLeftovers } from '../../src/doctor/checks/leftovers.ts';
import { judgeLoopback } from '../../src/doctor/checks/loopback.ts';
import { judgeMemory } from '../../src/doctor/checks/memory.ts';
import { judgeNode } from '../../src/doctor/checks/node.ts';
import { judgeOpenFiles, parseLimit } from '../../src/doctor/checks/open-files.ts';
import { judgePorts, parseRules } from '../../src/doctor/checks/ports.ts';
import { judgeProxy } from '../../src/doctor/checks/proxy.ts';
import { judgeSqlite } from '../../src/doctor/checks/sqlite.ts';
import { judgeTemporary } from '../../src/doctor/checks/temporary.ts';
import { judgeTools } from '../../src/doctor/checks/tools.ts';
import type { Level } from '../../src/doctor/diagnosis.ts';

test.each<[string, Level]>([
  ['18.20.4', 'problem'],
  ['20.18.3', 'problem'],
  ['20.19.0', 'ok'],
  ['22.1.0', 'ok'],
  ['23.6.0', 'warning'],
])('of Node %s it says %s', (version, level) => {
  expect(judgeNode(version)).toMatchObject({ level, message: expect.stringContaining(version) });
});

const sqliteFacts = { missing: [], folder: '/project', platform: 'linux', isNeeded: false } as const;

test('sqlite3 that loads is well, whatever its build would need', () => {
  expect(judgeSqlite({ ...sqliteFacts, failure: undefined, missing: ['make'] }).level).toBe('ok');
});

test('sqlite3 that does not load is a problem only where the configuration needs it', () => {
  const failure = 'Error: no such module';
  expect(judgeSqlite({ ...sqliteFacts, failure }).level).toBe('warning');
  expect(judgeSqlite({ ...sqliteFacts, failure, isNeeded: true }).level).toBe('problem');
});

test('sqlite3 that cannot be built is told what is missing, and the commands that mend it', () => {
  const failure = 'Error: no such module';
  const missing = ['a C++ compiler', 'Python'];
  expect(judgeSqlite({ ...sqliteFacts, failure, missing })).toMatchObject({
    message: expect.stringContaining('needs a C++ compiler, Python, which this machine lacks'),
    remedy: 'sudo apt-get install -y g++ make python3 && (cd /project && npm install sqlite3)',
  });
  expect(judgeSqlite({ ...sqliteFacts, failure }).remedy).toBe('(cd /project && npm install sqlite3)');
  expect(judgeSqlite({ ...sqliteFacts, failure, missing, platform: 'darwin' }).remedy).toContain(
    'xcode-select',
  );
});

const rules = { dynamic: [32_768, 60_999], reserved: [[40_000, 40_010]], lowest: 1_024 } as const;

test('ports that are free and fixed are well', () => {
  expect(judgePorts([{ service: 'users', port: 8_001 }], rules)).toEqual([
    { level: 'ok', message: 'the port of the topology can be listened on' },
  ]);
  const users = { service: 'users', port: 8_001, isHeld: true } as const;
  const orders = { service: 'orders', port: 8_002 };
  const messages = (facts: Parameters<typeof judgePorts>[0]) =>
    judgePorts(facts, rules).map(({ message }) => message);
  expect(messages([users])).toEqual(['on the port of the topology its own services listen']);
  expect(messages([users, orders])).toEqual([
    'of the 2 ports of the topology its own services listen on 1, and the others are free',
  ]);
});

test('each port that cannot be had, or may be lost by chance, is named', () => {
  const owner = { words: 'pid 7 (nc -l 8001)', pid: 7 };
  const found = judgePorts(
    [
      { service: 'users', port: 8_001, owner },
      { service: 'web', port: 80 },
      { service: 'orders', port: 40_123 },
      { service: 'mail', port: 40_005 },
      { service: 'cart', port: 8_002 },
    ],
    rules,
  );
  expect(found).toEqual([
    {
      level: 'problem',
      message: 'port 8001 of users is taken by pid 7 (nc -l 8001)',
      remedy: expect.stringContaining('`kill 7`'),
    },
    expect.objectContaining({ level: 'problem', message: expect.stringContaining('port 80 of web') }),
    expect.objectContaining({ level: 'warning', message: expect.stringContaining('port 40123 of orders') }),
  ]);
});

test('an owner that is not known is to be looked for', () => {
  const [found] = judgePorts(
    [{ service: 'users', port: 8_001, owner: { words: 'a process of user id 5' } }],
    rules,
  );
  expect(found?.remedy).toContain('sudo ss -ltnp');
});

test('what the system says of its ports is read', () => {
  expect(parseRules('32768\t60999\n', '8080,9000-9010\n')).toEqual({
    dynamic: [32_768, 60_999],
    reserved: [
      [8_080, 8_080],
      [9_000, 9_010],
    ],
  });
  expect(parseRules('49152 65535 ', '')).toEqual({ dynamic: [49_152, 65_535], reserved: [] });
  expect(parseRules('', '\n')).toEqual({ reserved: [] });
});

test('the databases are those that DATABASE_URL names, and files that are there', () => {
  const scene = { hasNoConfig: true, root: '/project' };
  expect(databasesOf({ ...scene, env: {} })).toEqual({ addresses: [], wrong: [] });
  const env = { DATABASE_URL: 'postgres://ann:topsecret@there/one' };
  expect(databasesOf({ ...scene, env }).addresses).toEqual([{ kind: 'postgresql', url: env.DATABASE_URL }]);
  expect(databasesOf({ ...scene, env: { DATABASE_URL: 'sqlite:nowhere.db' } }).addresses).toEqual([]);
  const { wrong } = databasesOf({ ...scene, env: { DATABASE_URL: 'mysql://ann:topsecret@there/one' } });
  expect(wrong).toMatchObject([{ level: 'warning', message: expect.stringContaining('mysql') }]);
  expect(JSON.stringify(wrong)).not.toContain('topsecret');
});

test('a run that was killed is told by what it has left', () => {
  expect(judgeLeftovers({ orphans: [], deadClaims: [] })).toMatchObject([{ level: 'ok' }]);
  expect(judgeLeftovers({ orphans: [], deadClaims: [7] })).toMatchObject([
    {
      level: 'warning',
      message: expect.stringContaining('(pid 7) has left its lock'),
      remedy: expect.anything(),
    },
  ]);
  expect(judgeLeftovers({ orphans: [], deadClaims: [7], deadSupervisor: 7 })).toMatchObject([
    { level: 'warning', message: expect.stringContaining('(pid 7) has left its state') },
  ]);
  const orphans = [
    { service: 'users', pid: 8 },
    { service: 'orders', pid: 9 },
  ];
  expect(judgeLeftovers({ orphans, deadClaims: [7], deadSupervisor: 7 })).toMatchObject([
    { level: 'problem', message: expect.stringContaining('users (pid 8), orders (pid 9) still run') },
  ]);
});

test.each<[number, number, Level]>([
  [8_000, 12, 'ok'],
  [500, 12, 'warning'],
  [200, 0, 'ok'],
  [100, 0, 'problem'],
])('%i MiB for %i services is %s', (availableMib, services, level) => {
  expect(judgeMemory({ availableMib, services })).toMatchObject({
    level,
    message: expect.stringContaining(String(availableMib)),
  });
});

test.each<[string, Level]>([
  ['unlimited', 'ok'],
  ['1048576', 'ok'],
  ['1024', 'ok'],
  ['512', 'warning'],
  ['100', 'problem'],
])('a limit of %s open files is %s', (limit, level) => {
  const read = parseLimit(limit);
  expect(read === undefined ? undefined : judgeOpenFiles(read).level).toBe(level);
});

test('a limit that is none is not judged', () => {
  expect(parseLimit('')).toBeUndefined();
  expect(parseLimit('many')).toBeUndefined();
});

test('a disk that is full, nearly full or not ours is told apart from one that is well', () => {
  const folder = '/project/.shopctl';
  expect(judgeDisk({ folder, freeMib: 9_000 }, folder).level).toBe('ok');
  expect(judgeDisk({ folder, freeMib: 400 }, folder).level).toBe('warning');
  expect(judgeDisk({ folder, freeMib: 10 }, folder).level).toBe('problem');
  expect(judgeDisk({ folder, freeMib: 9_000, failure: 'EACCES: permission denied' }, folder)).toMatchObject({
    level: 'problem',
    message: `nothing can be written to ${folder}: EACCES: permission denied`,
  });
});

test('a temp folder has to be there, writable, and not full', () => {
  expect(judgeTemporary({ folder: '/tmp', freeMib: 900 }).level).toBe('ok');
  expect(judgeTemporary({ folder: '/tmp', freeMib: 1 }).level).toBe('warning');
  expect(judgeTemporary({ folder: '/nowhere', freeMib: 0, failure: 'it does not exist' })).toMatchObject({
    level: 'problem',
    message: 'nothing can be written to /nowhere: it does not exist',
  });
});

const evenly = {
  now: new Date('2027-03-01T10:00:00Z'),
  stepMs: 0.3,
  files: [{ folder: '/tmp', skewMs: -900 }],
};

test('a clock that runs evenly is well', () => {
  expect(judgeClock(evenly).level).toBe('ok');
});

test('a clock from before this was made is a problem, one that jumps or differs from a disk a warning', () => {
  expect(judgeClock({ ...evenly, now: new Date(0) })).toMatchObject({
    level: 'problem',
    message: expect.stringContaining('1970-01-01T00:00:00.000Z'),
  });
  expect(judgeClock({ ...evenly, stepMs: -2_000 })).toMatchObject({
    level: 'warning',
    message: expect.stringContaining('jumped by 2 s'),
  });
  expect(judgeClock({ ...evenly, files: [{ folder: '/nfs', skewMs: 60_000 }] })).toMatchObject({
    level: 'warning',
    message: 'files in /nfs are dated 1 m 00 s ahead of the clock of this machine',
  });
  expect(judgeClock({ ...evenly, files: [{ folder: '/nfs', skewMs: -60_000 }] }).message).toContain('behind');
});

test('loopback needs 127.0.0.1, and a localhost that is this machine', () => {
  const localhost = ['127.0.0.1', '::1'];
  expect(judgeLoopback({ localhost }).level).toBe('ok');
  expect(judgeLoopback({ localhost, ipv4: 'listen EADDRNOTAVAIL' }).level).toBe('problem');
  expect(judgeLoopback({ localhost, ipv6: 'listen EADDRNOTAVAIL' }).level).toBe('warning');
  expect(judgeLoopback({ localhost: ['127.0.0.1', '10.1.2.3'] })).toMatchObject({
    level: 'problem',
    message: 'localhost means 10.1.2.3, which is not this machine',
  });
  expect(judgeLoopback({ localhost: [] }).level).toBe('warning');
});

test('a proxy needs exceptions for this machine, and is never shown', () => {
  expect(judgeProxy({}).level).toBe('ok');
  const env = { http_proxy: 'http://ann:secret@proxy:3128' };
  const found = judgeProxy({ ...env, NO_PROXY: 'intranet' });
  expect(found).toMatchObject({
    level: 'warning',
    remedy: 'export NO_PROXY=intranet,localhost,127.0.0.1,::1',
  });
  expect(JSON.stringify(found)).not.toContain('secret');
  expect(judgeProxy({ ...env, no_proxy: 'localhost,127.0.0.1' }).level).toBe('ok');
  expect(judgeProxy({ ...env, NO_PROXY: 'localhost' }).level).toBe('warning');
  expect(judgeProxy({ ...env, NO_PROXY: '*' }).level).toBe('ok');
});

test('optional tools are told of and never missed', () => {
  const tools = [
    { name: 'Chromium', path: '/usr/bin/chromium' },
    { name: 'Prometheus', path: undefined },
  ];
  expect(judgeTools(tools)).toEqual({
    level: 'ok',
    message: 'Chromium (/usr/bin/chromium), no Prometheus; nothing needs them',
  });
});
