import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { baseUrl, loadProject, type ServiceSpec } from '../../src/config/index.ts';
import { renderError, ShopctlError } from '../../src/errors/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shopctl-broker-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const SERVICES = `services:
  orders: { command: node orders.js, port: 8005, needs: [broker] }
  page: { command: node page.js, port: 8000 }
topologies:
  alone: { services: [page] }
  moved: { services: [orders, broker], override: { broker: { port: 6000 } } }
`;

interface Asked {
  readonly topology?: string;
  readonly env?: Record<string, string>;
  readonly seed?: number;
}

function load(text: string, { topology = 'default', env = {}, ...seed }: Asked = {}) {
  writeFileSync(join(folder, 'e2e.config.yaml'), text);
  const program = ['/opt/no$de', '/opt/shopctl.js'];
  return loadProject({ file: 'e2e.config.yaml', cwd: folder, env, topology, program, ...seed });
}

const named = (services: readonly ServiceSpec[], name: string) =>
  services.find((spec) => spec.name === name) ?? expect.unreachable(`no ${name}`);

it('an embedded broker is started before those who need it, as a process of shopctl', () => {
  const { services, dataDir } = load(`broker: { embedded: { port: 5700 } }\n${SERVICES}`);
  expect(services.map(({ name }) => name)).toEqual(['broker', 'orders', 'page']);
  const broker = named(services, 'broker');
  expect(broker).toMatchObject({
    kind: 'own',
    command: ['/opt/no$de', '/opt/shopctl.js', 'broker', '--port', '5700', '--data', join(dataDir, 'broker')],
    port: 5700,
    env: {},
    ready: { probe: { kind: 'tcp' } },
  });
  expect(baseUrl(broker)).toBe('amqp://127.0.0.1:5700');
  expect(named(services, 'page')).toMatchObject({ env: { AMQP_URL: 'amqp://127.0.0.1:5700' } });
});

it('an embedded broker without anything said about it listens on 5673', () => {
  const { services } = load(`broker: {}\n${SERVICES}`);
  expect(baseUrl(named(services, 'broker'))).toBe('amqp://127.0.0.1:5673');
});

it('an embedded broker goes wrong on purpose as the configuration says, the same way for the same seed', () => {
  const faults = '{ duplicate: 1, delay: "0.2:500ms", nack: 0.0000001, blocked: false }';
  const text = `broker: { embedded: { faults: ${faults} } }\n${SERVICES}`;
  const told = ['duplicate=1', 'delay=0.2:500ms', 'nack=1e-7', 'blocked=off'];
  const words = told.flatMap((one) => ['--fault', one]);
  const commandOf = (asked: Asked) => {
    const broker = named(load(text, asked).services, 'broker');
    return broker.kind === 'own' ? broker.command.slice(-words.length) : [];
  };
  expect(commandOf({})).toEqual(words);
  expect(commandOf({ seed: 7 })).toEqual([...words.slice(2), '--seed', '7']);
  const calm = named(load(`broker: {}\n${SERVICES}`, { seed: 7 }).services, 'broker');
  expect(calm).toMatchObject({ command: expect.not.arrayContaining(['--seed']) });
});

it('an embedded broker in memory writes nothing', () => {
  const { services } = load(`broker: { embedded: { memory: true } }\n${SERVICES}`);
  expect(named(services, 'broker')).toMatchObject({ command: expect.arrayContaining(['--memory']) });
});

it('a topology moves the broker to another port', () => {
  const { services } = load(`broker: {}\n${SERVICES}`, { topology: 'moved' });
  expect(named(services, 'broker')).toMatchObject({ port: 6000, command: expect.arrayContaining(['6000']) });
  expect(named(services, 'orders')).toMatchObject({ env: { AMQP_URL: 'amqp://127.0.0.1:6000' } });
});

it('AMQP_URL in the environment takes the place of the embedded broker, and its password is not shown', () => {
  const env = { AMQP_URL: 'amqp://guest:secret@127.0.0.1:5672/shop' };
  const { services } = load(`broker: { embedded: {} }\n${SERVICES}`, { env });
  const broker = named(services, 'broker');
  expect(broker).toMatchObject({ kind: 'foreign', url: 'amqp://127.0.0.1:5672/shop' });
  expect(named(services, 'orders')).toMatchObject({ env });
});

it('a broker that runs already is given with a url', () => {
  const env = { HOST: '127.0.0.1' };
  const { services } = load(`broker: { url: "amqp://\${HOST}:5672" }\n${SERVICES}`, { env });
  expect(named(services, 'broker')).toMatchObject({ kind: 'foreign' });
  expect(named(services, 'orders')).toMatchObject({ env: { AMQP_URL: 'amqp://127.0.0.1:5672' } });
});

it('what a topology says of the embedded broker does not matter where AMQP_URL takes its place', () => {
  const env = { AMQP_URL: 'amqp://127.0.0.1:5672' };
  const { services } = load(`broker: {}\n${SERVICES}`, { topology: 'moved', env });
  expect(named(services, 'broker')).toMatchObject({ kind: 'foreign', url: 'amqp://127.0.0.1:5672' });
});

it('an embedded broker lets in whom the configuration says, and nobody else is told the password', () => {
  const embedded = '{ embedded: { management: 15672, user: shop, password: "${BROKER_SECRET}" } }';
  const { services, broker } = load(`broker: ${embedded}\n${SERVICES}`, { env: { BROKER_SECRET: 'a$b/c' } });
  const url = 'amqp://shop:a%24b%2Fc@127.0.0.1:5673';
  expect(broker).toEqual({ url, credentials: { user: 'shop', password: 'a$b/c' } });
  expect(named(services, 'orders')).toMatchObject({ env: { AMQP_URL: url } });
  const member = named(services, 'broker');
  expect(member).toMatchObject({
    env: { BROKER_MANAGEMENT_PORT: '15672', BROKER_USER: 'shop', BROKER_PASSWORD: 'a$b/c' },
  });
  expect(baseUrl(member)).toBe('amqp://127.0.0.1:5673');
});

it('says where the management API of a broker that runs already is', () => {
  const text = 'broker: { url: "amqp://127.0.0.1", management: "http://${HOST}:8080" }';
  const { broker } = load(`${text}\n${SERVICES}`, { env: { HOST: '127.0.0.1' } });
  expect(broker).toEqual({ url: 'amqp://127.0.0.1', managementUrl: 'http://127.0.0.1:8080' });
});

it('a topology without broker hides the one of the environment', () => {
  const asked = { topology: 'alone', env: { AMQP_URL: 'amqp://127.0.0.1' } };
  const { services } = load(`broker: {}\n${SERVICES}`, asked);
  expect(services).toMatchObject([{ name: 'page', env: { AMQP_URL: '' } }]);
});

it('without `broker:` a service may be called so and nobody is told an address', () => {
  const { services } = load('services:\n  broker: { command: x, port: 9999 }\n  a: { command: y }\n');
  expect(baseUrl(named(services, 'broker'))).toBe('http://127.0.0.1:9999');
  expect(named(services, 'a')).toMatchObject({ env: {} });
});

it.each([
  ['no AMQP', 'broker: { url: "${AMQP_URL}" }', { AMQP_URL: 'http://127.0.0.1' }, 'is no AMQP URL'],
  ['no value', 'broker: { url: "${NOWHERE}" }', {}, 'NOWHERE is not set'],
  ['both', 'broker: { url: "amqp://127.0.0.1", embedded: {} }', {}, 'both `url` and `embedded`'],
  ['no management', 'broker: { management: "${AMQP_URL}" }', { AMQP_URL: 'amqp://127.0.0.1' }, 'is no URL'],
  ['no password', 'broker: { embedded: { password: "${NOWHERE}" } }', {}, 'NOWHERE is not set'],
  ['an empty password', 'broker: { embedded: { password: "${NO:-}" } }', {}, 'the password is empty'],
  ['no fault', 'broker: { embedded: { faults: { duplicates: 1 } } }', {}, 'did you mean `duplicate`'],
  [
    'no share',
    'broker: { embedded: { faults: { duplicate: 2 } } }',
    {},
    'a share from 0 (never) to 1 (always)',
  ],
  ['no delay', 'broker: { embedded: { faults: { delay: 500ms } } }', {}, 'such as 0.2:500ms'],
  ['a long delay', 'broker: { embedded: { faults: { delay: "1:2h" } } }', {}, 'up to an hour'],
  [
    'nothing to fill',
    'broker: { embedded: { memory: true, faults: { journal-full: 1 } } }',
    {},
    'a broker in memory has no journal that could be full',
  ],
  ['a bad environment', 'broker: {}', { AMQP_URL: 'nonsense' }, 'is no AMQP URL'],
])('a broker with a mistake is told with its place: %s', (_, text, env, told) => {
  const shown = mistakeOf(`${text}\n${SERVICES}`, { env });
  expect(shown).toContain(told);
  expect(shown).toContain('e2e.config.yaml:1:');
});

it('a service may not take the name of the broker', () => {
  const text = `broker: {}\n${SERVICES.replace('  page:', '  broker:').replaceAll('[page]', '[broker]')}`;
  expect(mistakeOf(text, {})).toContain('`broker` is what `broker:` stands for');
});

function mistakeOf(text: string, asked: Asked): string {
  try {
    load(text, asked);
  } catch (error) {
    if (error instanceof ShopctlError) return renderError(error, false);
    throw error;
  }
  return expect.unreachable('it was accepted');
}
