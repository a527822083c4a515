import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadProject, type ProjectRequest, projectName, type ServiceSpec } from '../../src/config/index.ts';
import { ShopctlError } from '../../src/errors/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shopctl-free-ports-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const CONFIG = `
name: shop
broker: { embedded: { port: 0 } }
services:
  users: { command: run, port: 0 }
  orders:
    command: run
    port: 8005
    env: { USERS_URL: "\${services.users.url}", USERS_PORT: "\${services.users.port}" }
  elsewhere: { url: "http://127.0.0.1:8025" }
  worker: { command: run }
topologies:
  moved: { services: [orders, users], override: { orders: { port: 0 }, users: { port: 5002 } } }
`;

const range = { SHOPCTL_PORT_RANGE: '10000-11999' };

function load(request: Partial<ProjectRequest> = {}, config = CONFIG) {
  writeFileSync(join(folder, 'e2e.config.yaml'), config);
  return loadProject({ file: 'e2e.config.yaml', cwd: folder, env: range, ...request });
}

function own(services: readonly ServiceSpec[], name: string) {
  const spec = services.find((candidate) => candidate.name === name);
  if (spec?.kind !== 'own') throw new Error(`${name} is not started by shopctl`);
  return spec;
}

test('a service with port 0 has a port of the range, and others are told of it', () => {
  const { services, broker } = load();
  const { port } = own(services, 'users');
  expect(port).toBeGreaterThanOrEqual(10_000);
  expect(port).toBeLessThanOrEqual(11_999);
  const orders = own(services, 'orders');
  expect(orders).toMatchObject({
    port: 8005,
    env: { USERS_URL: `http://127.0.0.1:${port}`, USERS_PORT: `${port}` },
  });
  expect(orders.freePort).toBeUndefined();
  const { port: brokerPort, freePort } = own(services, 'broker');
  expect(freePort).toBe(true);
  expect(broker?.url).toBe(`amqp://127.0.0.1:${brokerPort}`);
  expect(orders.env['AMQP_URL']).toBe(broker?.url);
  expect(own(services, 'broker').command).toContain(`${brokerPort}`);
});

test('the same configuration leads to the same ports, another project of it to others', () => {
  const ports = (project?: string) =>
    load(project === undefined ? {} : { project }).services.flatMap((spec) =>
      spec.kind === 'own' && spec.freePort ? [spec.port] : [],
    );
  expect(ports()).toEqual(ports());
  expect(ports('a')).toEqual(ports('a'));
  expect(ports('a')).not.toEqual(ports());
});

test('ports that were given stay, and count for services that have a port of their own otherwise', () => {
  const { services } = load({
    ports: new Map([
      ['users', 10_007],
      ['orders', 10_008],
    ]),
  });
  expect(own(services, 'users')).toMatchObject({ port: 10_007, freePort: true });
  expect(own(services, 'orders')).toMatchObject({
    ...{ port: 10_008, freePort: true },
    env: { USERS_URL: 'http://127.0.0.1:10007' },
  });
});

test('with free ports everywhere no service keeps its own, and one that has none is given none', () => {
  const { services } = load({ freePorts: true });
  const ports = services.flatMap((spec) =>
    spec.kind === 'own' ? [[spec.name, spec.freePort ?? false]] : [],
  );
  expect(Object.fromEntries(ports)).toEqual({ users: true, orders: true, broker: true, worker: false });
  expect(own(services, 'broker').env['BROKER_MANAGEMENT_PORT']).toBe('0');
  expect(services.find(({ name }) => name === 'elsewhere')).toMatchObject({ url: 'http://127.0.0.1:8025' });
});

test('a topology can take a free port for a fixed one, and a fixed one for a free one', () => {
  const { services } = load({ topology: 'moved' });
  expect(own(services, 'users').port).toBe(5002);
  expect(own(services, 'orders').freePort).toBe(true);
});

test('any number of services get each another port, none of them a fixed one', () => {
  const names = Array.from({ length: 30 }, (_, index) => `s${index}`);
  const fixed = Array.from({ length: 15 }, (_, index) => 10_000 + index);
  const config = [
    'services:',
    ...names.map((name) => `  ${name}: { command: run, port: 0 }`),
    ...fixed.map((port) => `  f${port}: { command: run, port: ${port} }`),
    '',
  ].join('\n');
  const { services } = load({ env: { SHOPCTL_PORT_RANGE: '10000-10044' } }, config);
  const ports = services.flatMap((spec) => (spec.kind === 'own' ? [spec.port] : []));
  expect(ports.toSorted((a = 0, b = 0) => a - b)).toEqual(
    Array.from({ length: 45 }, (_, index) => 10_000 + index),
  );
});

test('a range in which none is left is an error', () => {
  const config = 'services:\n  a: { command: run, port: 0 }\n  b: { command: run, port: 0 }\n';
  const loading = () => load({ env: { SHOPCTL_PORT_RANGE: '10000-10000' } }, config);
  expect(loading).toThrow('there is no free port left in the range from which services are given theirs');
});

test.each(['5', '20-10', 'x'])('SHOPCTL_PORT_RANGE=%s is an error', (text) => {
  expect(() => load({ env: { SHOPCTL_PORT_RANGE: text } })).toThrow(
    new ShopctlError('usage', {
      message: `SHOPCTL_PORT_RANGE is no range of ports: ${text}`,
      hint: 'write FROM-TO, such as 12000-13999',
    }),
  );
});

test('a project of its own keeps everything in a folder of its own', () => {
  const { stateDir, dataDir, services } = load(
    { project: 'a' },
    'services: { x: { command: "run ${project.data}" } }',
  );
  expect(stateDir).toBe(join(folder, '.shopctl', 'projects', 'a'));
  expect(dataDir).toBe(join(stateDir, 'data', 'default'));
  expect(own(services, 'x').command).toEqual(['run', dataDir]);
});

test('the option wins over the variable, and default is the project without a name', () => {
  expect(projectName('a', 'b')).toBe('a');
  expect(projectName(undefined, 'b')).toBe('b');
  expect(projectName('default', 'b')).toBeUndefined();
  expect(projectName(undefined, '')).toBeUndefined();
});

test.each(['', 'A', '../x', 'a/b', '.', '-a', 'a b', 'x'.repeat(41)])(
  '"%s" is no name for a project',
  (name) => {
    expect(() => projectName(name, undefined)).toThrow(
      `--project is no name for a project: ${JSON.stringify(name)}`,
    );
    if (name !== '')
      expect(() => projectName(undefined, name)).toThrow('SHOPCTL_PROJECT is no name for a project');
  },
);
