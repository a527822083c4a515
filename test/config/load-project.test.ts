import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { baseUrl, loadProject, type ServiceSpec, trustedServices } from '../../src/config/index.ts';
import { renderError, ShopctlError } from '../../src/errors/index.ts';
import { createAuthority } from '../certificates.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shopctl-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(
  text: string,
  { topology, env = {} }: { topology?: string; env?: Record<string, string> } = {},
) {
  writeFileSync(join(folder, 'e2e.config.yaml'), text);
  return loadProject({
    file: 'e2e.config.yaml',
    cwd: folder,
    env,
    ...(topology === undefined ? {} : { topology }),
  });
}

function mistakes(text: string, options: { topology?: string; env?: Record<string, string> } = {}): string {
  try {
    load(text, options);
  } catch (error) {
    if (error instanceof ShopctlError) {
      expect(error.exitCode).toBe(2);
      return renderError(error, false);
    }
    throw error;
  }
  return expect.unreachable('it was accepted');
}

const service = (services: readonly ServiceSpec[], name: string) =>
  services.find((spec) => spec.name === name);

const shop = `
name: shop
services:
  orders:
    command: node "dist/my orders.js" \${MODE:-plain}
    port: 8005
    needs: [users]
    env: { USERS_URL: "\${services.users.url}", RETRIES: 3, DEBUG: false }
    ready: { http: /healthz }
  users:
    command: [node, users.js]
    port: 8001
    ready: { http: /healthz, timeout: 3s }
  mail: { url: "http://127.0.0.1:8025/", required: false }
topologies:
  small:
    services: [users, orders]
    override:
      users: { port: 5002, ready: { every: 50ms }, env: { IDS: sequence } }
    suites: { e2e: suites/small/*.yaml }
load:
  browse:
    duration: 2m
    requests:
      - { get: "\${users}/api/users", weight: 7 }
      - { name: create, post: "\${users}/api/users", json: { username: "\${uuid()}" }, expect: { status: 201 } }
    thresholds: [p99 < 500ms]
`;

it('gives the url of a service that runs elsewhere to others as the variables make it', () => {
  const { services } = load(
    'services:\n  mail: { url: "http://127.0.0.1:${PORT_OF_MAIL}" }\n  a: { command: x, env: { MAIL: "${services.mail.url}" } }\n',
    { env: { PORT_OF_MAIL: '8025' } },
  );
  expect(service(services, 'a')).toMatchObject({ env: { MAIL: 'http://127.0.0.1:8025' } });
});

describe('a project', () => {
  it('puts needs before those who need them and fills in defaults', () => {
    const { services, name, topology, stateDir, suites } = load(shop);
    expect(services.map((spec) => spec.name)).toEqual(['users', 'orders', 'mail']);
    expect({ name, topology }).toEqual({ name: 'shop', topology: 'default' });
    expect(stateDir).toBe(join(folder, '.shopctl'));
    expect(suites.e2e).toEqual(['suites/**/*.yaml']);
    expect(service(services, 'users')).toEqual({
      kind: 'own',
      name: 'users',
      command: ['node', 'users.js'],
      cwd: folder,
      port: 8001,
      needs: [],
      env: {},
      ready: { probe: { kind: 'http', path: '/healthz' }, timeoutMs: 3_000, everyMs: 25 },
      live: { probe: { kind: 'http', path: '/healthz' }, everyMs: 10_000, timeoutMs: 2_000, failures: 3 },
      required: true,
      stopGraceMs: 5_000,
    });
  });

  it('reads how a service is watched and started again, and what it waits for', () => {
    const { services } = load(`
services:
  a: { command: x, port: 8000, live: { http: /livez, failures: 1 }, restart: { policy: always, backoff: 20s } }
  b: { command: x, port: 8001, live: false, restart: on-failure, needs: [{ a: started }, c] }
  c: { command: x, job: true, ready: { timeout: 1m } }
`);
    expect(service(services, 'a')).toMatchObject({
      live: { probe: { kind: 'http', path: '/livez' }, everyMs: 10_000, timeoutMs: 2_000, failures: 1 },
      restart: { policy: 'always', backoffMs: 20_000, limitMs: 20_000 },
    });
    const b = service(services, 'b');
    expect(b).toMatchObject({
      needs: ['a', 'c'],
      needsStarted: ['a'],
      restart: { policy: 'on-failure', backoffMs: 200, limitMs: 10_000 },
    });
    expect(b).not.toHaveProperty('live');
    expect(service(services, 'c')).toMatchObject({ ready: { probe: { kind: 'exit' }, timeoutMs: 60_000 } });
    expect(service(services, 'c')).not.toHaveProperty('live');
  });

  it('interpolates the environment and facts of services, one argument staying one argument', () => {
    const { services } = load(shop, { env: { MODE: 'a b' } });
    expect(service(services, 'orders')).toMatchObject({
      command: ['node', 'dist/my orders.js', 'a b'],
      env: { USERS_URL: 'http://127.0.0.1:8001', RETRIES: '3', DEBUG: 'false' },
    });
  });

  it('lays a topology over the services', () => {
    const { services, suites } = load(shop, { topology: 'small' });
    expect(services.map((spec) => spec.name)).toEqual(['users', 'orders']);
    expect(service(services, 'users')).toMatchObject({
      port: 5002,
      env: { IDS: 'sequence' },
      ready: { probe: { kind: 'http', path: '/healthz' }, timeoutMs: 3_000, everyMs: 50 },
    });
    expect(service(services, 'orders')).toMatchObject({ env: { USERS_URL: 'http://127.0.0.1:5002' } });
    expect(suites.e2e).toEqual(['suites/small/*.yaml']);
  });

  it('hands on its data folder, another one for a run that wants fresh data', () => {
    const text = 'services:\n  a: { command: x, env: { DATA_DIR: "${project.data}" } }\n';
    writeFileSync(join(folder, 'e2e.config.yaml'), text);
    const request = { file: 'e2e.config.yaml', cwd: folder, env: {} };
    const kept = loadProject(request);
    const fresh = loadProject({ ...request, data: 'fresh' });
    expect(service(kept.services, 'a')).toMatchObject({ env: { DATA_DIR: kept.dataDir } });
    expect(service(fresh.services, 'a')).toMatchObject({ env: { DATA_DIR: fresh.dataDir } });
    expect(fresh.dataDir).not.toBe(kept.dataDir);
    expect(load(shop, { topology: 'small' }).dataDir).not.toBe(load(shop).dataDir);
    expect(fresh.dataDir.startsWith(fresh.stateDir)).toBe(true);
  });

  it('takes the topology that the file names when none is asked for', () => {
    expect(load(`${shop}topology: small\n`).topology).toBe('small');
  });

  it('knows the base URL of its own and of foreign services', () => {
    const { services } = load(shop);
    expect(services.map(baseUrl)).toEqual([
      'http://127.0.0.1:8001',
      'http://127.0.0.1:8005',
      'http://127.0.0.1:8025',
    ]);
  });

  it('resolves load profiles', () => {
    const profile = load(shop).load.get('browse');
    expect(profile).toMatchObject({
      durationMs: 120_000,
      connections: 10,
      processes: 1,
      executor: 'saturate',
    });
    expect(profile?.executor === 'saturate' && profile.requests).toEqual([
      {
        name: 'GET users/api/users',
        method: 'GET',
        url: '${users}/api/users',
        weight: 7,
        headers: {},
        expectStatus: [],
      },
      {
        name: 'create',
        method: 'POST',
        url: '${users}/api/users',
        weight: 1,
        headers: {},
        json: { username: '${uuid()}' },
        expectStatus: [201],
      },
    ]);
  });
});

it('says where a service takes faults, which a topology may say otherwise', () => {
  const text = `services:
  a: { command: x, port: 1, simulate: /_simulate }
  b: { url: "http://127.0.0.1:2" }
topologies:
  other: { override: { a: { simulate: /faults }, b: { simulate: /chaos } } }
`;
  const paths = (topology?: string) =>
    load(text, topology === undefined ? {} : { topology }).services.map(({ simulate }) => simulate);
  expect(paths()).toEqual(['/_simulate', undefined]);
  expect(paths('other')).toEqual(['/faults', '/chaos']);
});

describe('a mistake in the configuration', () => {
  it.each([
    [
      'an unknown key',
      'services:\n  a: { command: x, prot: 1 }\n',
      ':2:20 unknown key `prot` in `services.a`',
      'did you mean `port`?',
    ],
    ['a missing section', 'name: x\n', 'the key `services` is missing', ''],
    ['an empty file', '', 'the file must be', ''],
    [
      'a wrong type',
      'services:\n  a: { command: x, port: "80" }\n',
      ':2:26 `services.a.port` must be a port between 1 and 65535, or 0 for any that is free, not "80"',
      '',
    ],
    [
      'a port out of range',
      'services:\n  a: { command: x, port: 70000 }\n',
      ':2:26 `services.a.port` must be',
      '',
    ],
    [
      'a bad duration',
      'services:\n  a: { command: x, port: 1, ready: { timeout: 20 } }\n',
      ':2:47 `services.a.ready.timeout` must be how long it may take',
      '',
    ],
    [
      'an unknown need',
      'services:\n  a: { command: x, needs: [b] }\n',
      ':2:28 `a` needs `b`, which is not in this topology',
      'known: a',
    ],
    [
      'a misspelt need',
      'services:\n  users: { command: x }\n  b: { command: x, needs: [user] }\n',
      '`b` needs `user`',
      'did you mean `users`?',
    ],
    [
      'a cycle',
      'services:\n  a: { command: x, needs: [b] }\n  b: { command: x, needs: [a] }\n',
      'in a circle: a → b → a',
      '',
    ],
    [
      'a need that can never be met',
      'services:\n  a: { command: x, needs: [{ b: completed }] }\n  b: { command: x }\n',
      ':2:28 `a` waits until `b` has completed, but `b` is no job and never does',
      'add `job: true` to `b`, or wait until it is ready',
    ],
    [
      'a wait for a job to be ready',
      'services:\n  a: { command: x, needs: [{ b: ready }] }\n  b: { command: x, job: true }\n',
      '`b` is a job and never is',
      'write { b: completed }',
    ],
    [
      'a condition that there is not',
      'services:\n  a: { command: x, needs: [{ b: healthy }] }\n  b: { command: x }\n',
      ':2:33 "healthy" is not allowed as `b`',
      'one of: ready, started, completed',
    ],
    [
      'a job that listens',
      'services:\n  a: { command: x, job: true, port: 8000 }\n',
      '`a` is a job, and a job listens nowhere',
      'remove one of `job` and `port`',
    ],
    [
      'a job that is to be started again',
      'services:\n  a: { command: x, job: true, restart: always }\n',
      '`a` is a job, and a job runs once',
      'remove one of `job` and `restart`',
    ],
    [
      'a question to a service that listens nowhere',
      'services:\n  a: { command: x, live: { http: /livez } }\n',
      '`a` is to be asked whether it lives but has no port',
      'add `port:`',
    ],
    [
      'a job with a probe',
      'services:\n  a: { command: x, job: true, ready: { http: /x } }\n',
      '`a` is a job: it is done when it has ended',
      '`ready: { timeout: … }` limits how long it may take',
    ],
    ['a need for itself', 'services:\n  a: { command: x, needs: [a] }\n', '`a` needs itself', ''],
    [
      'a port used twice',
      'services:\n  a: { command: x, port: 1 }\n  b: { command: x, port: 1 }\n',
      ':3:26 `b` and `a` both want port 1',
      '',
    ],
    [
      'a service without command and url',
      'services:\n  a: { port: 1 }\n',
      '`a` has neither `command` nor `url`',
      '',
    ],
    [
      'a service with both',
      'services:\n  a: { command: x, url: "http://x" }\n',
      ':2:17 `a` has both `url` and `command`',
      'keep one',
    ],
    [
      'a port beside a url',
      'services:\n  a: { url: "http://x", port: 1 }\n',
      '`a` has both `url` and `port`',
      'keep one',
    ],
    [
      'a url of another kind',
      'services:\n  a: { url: "${A:-ftp://x}" }\n',
      'the url of `a` is no URL: ftp://x',
      'write http://HOST:PORT',
    ],
    [
      'a PORT beside the port',
      'services:\n  a: { command: x, port: 1, env: { PORT: 2 } }\n',
      '`port` sets PORT of `a` already',
      'keep one',
    ],
    [
      'a command that needs a shell',
      'services:\n  a: { command: "x && y" }\n',
      '`&` needs a shell',
      'sh, -c',
    ],
    [
      'an http probe without a port',
      'services:\n  a: { command: x, ready: { http: / } }\n',
      'has an http probe but no port',
      'add `port:`',
    ],
    [
      'an unset variable',
      'services:\n  a: { command: x, env: { A: "${NOPE}" } }\n',
      ':2:30 NOPE is not set',
      '${NOPE:-…}',
    ],
    [
      'a misspelt service fact',
      'services:\n  users: { command: x, port: 1, env: { A: "${services.user.url}" } }\n',
      'services.user.url is not set',
      'did you mean `services.users.url`?',
    ],
    [
      'an unknown default topology',
      'topology: smal\nservices:\n  a: { command: x }\ntopologies:\n  small: {}\n',
      ':1:11 there is no topology `smal`',
      'did you mean `small`?',
    ],
    [
      'an unknown member of a topology',
      'topology: t\nservices:\n  users: { command: x }\ntopologies:\n  t: { services: [user] }\n',
      ':5:19 there is no service `user`',
      'did you mean `users`?',
    ],
    [
      'an override of a stranger',
      'topology: t\nservices:\n  a: { command: x }\ntopologies:\n  t: { override: { b: { port: 1 } } }\n',
      '`b` is not a service of this topology',
      '',
    ],
    [
      'a load request without a method',
      'services:\n  a: { command: x }\nload:\n  l: { requests: [{ weight: 1 }] }\n',
      ':4:19 the request has no method',
      '',
    ],
    [
      'a load request with two methods',
      'services:\n  a: { command: x }\nload:\n  l: { requests: [{ get: a, put: b }] }\n',
      'has both `get` and `put`',
      '',
    ],
    [
      'a path for faults without a port',
      'services:\n  a: { command: x, simulate: /_simulate }\n',
      ':2:30 `a` takes faults at a path but has no port',
      'add `port:`',
    ],
    [
      'a path for faults that is none',
      'services:\n  a: { command: x, port: 1, simulate: on }\n',
      '`services.a.simulate`',
      'a path that starts with /',
    ],
    [
      'a service elsewhere that is to notify',
      'services:\n  a: { url: "http://127.0.0.1:1", ready: { notify: true } }\n',
      '`a` runs elsewhere, so it cannot notify',
      'remove `notify`',
    ],
    [
      'a job that is to notify',
      'services:\n  a: { command: x, job: true, ready: { notify: true } }\n',
      '`a` is a job: it is done when it has ended, so it cannot notify',
      'remove `notify`',
    ],
    [
      'a service elsewhere that is to load early',
      'services:\n  a: { url: "http://127.0.0.1:1", eager: true }\n',
      ':2:42 `a` has both `url` and `eager`',
      'what has a url is not started',
    ],
    [
      'a job that is to load early',
      'services:\n  a: { command: x, job: true, eager: true }\n',
      '`a` is a job, and nobody tells a job to serve',
      'remove one of `job` and `eager`',
    ],
    [
      'an eagerness that is neither true nor false',
      'services:\n  a: { command: x, eager: soon }\n',
      ':2:27',
      'true or false',
    ],
    [
      'a tcp probe without a port',
      'services:\n  a: { command: x, ready: { tcp: true } }\n',
      ':2:34 `a` has a tcp probe but no port',
      'add `port:`',
    ],
    [
      'a url that is none',
      'services:\n  a: { url: "http://127.0.0.1:99999" }\n',
      ':2:13 the url of `a` is no URL',
      'a port up to 65535',
    ],
    [
      'a url that variables make none',
      'services:\n  a: { url: "http://${HOST:-}" }\n',
      ':2:13 the url of `a` is no URL: http://',
      '',
    ],
    [
      'a command that names no program',
      'services:\n  a: { command: "${PROGRAM:-} x" }\n',
      ':2:17 the command of `a` names no program',
      '',
    ],
    [
      'a variable inside another',
      'services:\n  a: { command: "x ${A:-${B}}" }\n',
      'has a variable inside another',
      'plain text',
    ],
    [
      'a topology without services',
      'services: { a: { command: x } }\ntopologies: { t: { services: [] } }\ntopology: t\n',
      ':2:30 the topology `t` has no services',
      'known: a',
    ],
    [
      'a service listed twice',
      'services: { a: { command: x } }\ntopologies: { t: { services: [a, a] } }\ntopology: t\n',
      ':2:34 `a` is listed twice',
      'keep one',
    ],
    [
      'a member with the name of what every object has',
      'services: { a: { command: x } }\ntopologies: { t: { services: [constructor] } }\ntopology: t\n',
      ':2:31 there is no service `constructor`',
      'known: a',
    ],
    [
      'a topology with the name of what every object has',
      'services: { a: { command: x } }\ntopologies: {}\ntopology: constructor\n',
      'there is no topology `constructor`',
      '',
    ],
    [
      'a variable that cannot be named so',
      'services:\n  a: { command: x, env: { "A=B": 1 } }\n',
      ':2:27 `A=B` in `services.a.env` must be a name of an environment variable',
      '',
    ],
    [
      'a file without services',
      'services: {}\n',
      ':1:11 `services` must be a mapping from names, not an empty mapping',
      '',
    ],
    ['an empty file', '# nothing\n', ':1:1 the file must be a mapping with `services:`, not empty', ''],
    [
      'a bad service name',
      'services:\n  "A B": { command: x }\n',
      ':2:3 `A B` in `services` must be a name of small letters, digits and dashes',
      '',
    ],
  ])('%s is shown with its place and a remedy', (_title, text, sentence, hint) => {
    const output = mistakes(text);
    expect(output).toContain(sentence);
    expect(output).toContain(hint);
    expect(output).toContain('e2e.config.yaml:');
  });

  it('is shown together with all others', () => {
    const output = mistakes('services:\n  a: { prot: 1, command: x }\n  b: { command: 7 }\n');
    expect(output).toContain('has 2 mistakes');
    expect(output).toContain('unknown key `prot`');
    expect(output).toContain('`services.b.command` must be a command line (no shell), or a list');
  });

  it('is shown once for a bad service name', () => {
    expect(mistakes('services:\n  "A B": { command: x }\n')).toContain('has a mistake');
  });

  it('is shown for a topology that is asked for and does not exist', () => {
    expect(mistakes(shop, { topology: 'smal' })).toContain('did you mean `small`?');
  });

  it('is shown when there is no file', () => {
    expect(() => loadProject({ file: 'nope.yaml', cwd: folder, env: {} })).toThrow(
      /nope\.yaml cannot be read/,
    );
  });
});

describe('tls', () => {
  const withTls = (tls: string, rest = 'command: node x.js, port: 8443') =>
    `services:\n  shop: { ${rest}, tls: ${tls} }\n`;
  const writeCa = async () => {
    const { ca } = await createAuthority('tests');
    writeFileSync(join(folder, 'ca.pem'), ca);
    return ca;
  };

  it('makes the address https, and trusts the authority for this service', async () => {
    const ca = await writeCa();
    const text = `${withTls('{ ca: ca.pem }')}  other: { command: node y.js, port: 8444, env: { SHOP: "\${services.shop.url}" } }\n`;
    const { services } = load(text);
    const shopService = service(services, 'shop');
    expect(shopService).toMatchObject({ tls: { ca } });
    expect(shopService && baseUrl(shopService)).toBe('https://127.0.0.1:8443');
    expect(service(services, 'other')).toMatchObject({ env: { SHOP: 'https://127.0.0.1:8443' } });
    expect(trustedServices(services)).toEqual([{ url: 'https://127.0.0.1:8443', ca }]);
  });

  it('is for a service that runs elsewhere too, at an https url', async () => {
    const ca = await writeCa();
    const { services } = load(withTls('{ ca: ca.pem }', 'url: "https://127.0.0.1:8443/shop/"'));
    expect(trustedServices(services)).toEqual([{ url: 'https://127.0.0.1:8443/shop', ca }]);
    expect(mistakes(withTls('{ ca: ca.pem }', 'url: "http://127.0.0.1:8443"'))).toContain(
      '`shop` has `tls`, but its url is http://127.0.0.1:8443',
    );
  });

  it('is refused with its place where it cannot be meant', async () => {
    await writeCa();
    writeFileSync(join(folder, 'empty.pem'), 'nothing');
    expect(mistakes(withTls('{ ca: gone.pem }'))).toMatch(
      /e2e\.config\.yaml:2:\d+[\s\S]*the CA of `shop` cannot be read \(ENOENT\)/,
    );
    expect(mistakes(withTls('{ ca: empty.pem }'))).toContain(
      'the CA of `shop` is no certificate in PEM form',
    );
    expect(mistakes(withTls('{ ca: "." }'))).toContain('the CA of `shop` is no file');
    expect(mistakes(withTls('{ ca: ca.pem }', 'command: node x.js'))).toContain(
      '`shop` has `tls` but no port',
    );
    expect(mistakes(withTls('{ cert: ca.pem }'))).toContain('cert');
    const broker = `broker: { embedded: {} }\n${withTls('{ ca: ca.pem }')}topologies: { t: { override: { broker: { tls: { ca: ca.pem } } } } }\n`;
    expect(mistakes(broker, { topology: 't' })).toContain('`broker` speaks AMQP');
  });
});
