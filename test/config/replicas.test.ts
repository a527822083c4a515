import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadProject, type ServiceSpec } from '../../src/config/index.ts';
import { renderError, ShopctlError } from '../../src/errors/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shopctl-replicas-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(config: string, topology?: string) {
  writeFileSync(join(folder, 'e2e.config.yaml'), config);
  const request = { file: 'e2e.config.yaml', cwd: folder, env: { SHOPCTL_PORT_RANGE: '10000-11999' } };
  return loadProject(topology === undefined ? request : { ...request, topology }).services;
}

function mistakes(config: string): string {
  try {
    load(config);
  } catch (error) {
    if (error instanceof ShopctlError) return renderError(error, false);
    throw error;
  }
  return expect.unreachable('it was accepted');
}

function own(services: readonly ServiceSpec[], name: string) {
  const spec = services.find((candidate) => candidate.name === name);
  if (spec?.kind !== 'own') throw new Error(`${name} is not started by shopctl`);
  return spec;
}

const SHOP = `
services:
  auth: { command: run auth, port: 8002 }
  products:
    command: run products
    port: 8003
    replicas: 3
    needs: [auth]
    ready: { http: /healthz, timeout: 3s }
    live: { http: /livez, every: 1s }
    contract: products.yaml
    simulate: /_simulate
    restart: always
    env: { AUTH_URL: "\${services.auth.url}", SELF: "\${services.products.url}", NODE_OPTIONS: --inspect }
  gateway:
    command: run gateway
    port: 8000
    needs: [products]
    env: { PRODUCTS_URL: "\${services.products.url}", SECOND: "\${services.products-2.url}" }
topologies:
  single: { override: { products: { replicas: 1 } } }
`;

test('replicas are services on ports of their own, behind an edge with the name and port of the service', () => {
  const services = load(SHOP);
  expect(services.map(({ name }) => name)).toEqual([
    ...['auth', 'products-1', 'products-2', 'products-3', 'products', 'gateway'],
  ]);
  const edge = own(services, 'products');
  const members = [1, 2, 3].map((index) => own(services, `products-${index}`));
  expect(new Set([edge, ...members].map(({ port }) => port)).size).toBe(4);
  expect(edge).toMatchObject({
    ...{
      port: 8003,
      needs: ['products-1', 'products-2', 'products-3'],
      contract: join(folder, 'products.yaml'),
    },
    ...{
      ready: { probe: { kind: 'tcp' } },
      live: { probe: { kind: 'tcp' }, everyMs: 1_000 },
    },
  });
  expect(edge.simulate).toBeUndefined();
  expect(edge.env['NODE_OPTIONS']).toBeUndefined();
  expect(JSON.parse(edge.env['SHOPCTL_EDGE'] ?? '')).toEqual({
    ...{ service: 'products', by: 'request', probes: [{ kind: 'http', path: '/healthz' }] },
    members: members.map(({ name, port }) => ({ name, port })),
    ...{ everyMs: 250, timeoutMs: 2_000 },
  });
  for (const [index, member] of members.entries()) {
    expect(member).toMatchObject({
      ...{ command: ['run', 'products'], needs: ['auth'], replicaOf: 'products', simulate: '/_simulate' },
      ...{ freePort: true, restart: { policy: 'always' }, live: { probe: { kind: 'http', path: '/livez' } } },
      env: { REPLICA: `${index + 1}`, AUTH_URL: 'http://127.0.0.1:8002', SELF: 'http://127.0.0.1:8003' },
    });
    expect(member.contract).toBeUndefined();
    expect(member.env['SHOPCTL_EDGE']).toBeUndefined();
  }
  const { env } = own(services, 'gateway');
  expect(env).toEqual({
    PRODUCTS_URL: 'http://127.0.0.1:8003',
    SECOND: `http://127.0.0.1:${own(services, 'products-2').port}`,
  });
});

test('one replica is the service itself', () => {
  const services = load(SHOP.replace(', SECOND: "${services.products-2.url}"', ''), 'single');
  expect(own(services, 'products')).toMatchObject({ command: ['run', 'products'], port: 8003 });
  expect(services.map(({ name }) => name)).toEqual(['auth', 'products', 'gateway']);
});

test('an edge can share out connections, of a service with HTTPS too, which it then asks over TCP', () => {
  writeFileSync(join(folder, 'run'), '');
  const service = 'command: run, port: 0, replicas: { count: 2, by: connection }, ready: { http: /healthz }';
  const services = load(`services: { cache: { ${service} } }`);
  expect(JSON.parse(own(services, 'cache').env['SHOPCTL_EDGE'] ?? '')).toMatchObject({
    ...{ by: 'connection', probes: [{ kind: 'http', path: '/healthz' }] },
  });
  expect(own(services, 'cache').freePort).toBe(true);
});

test.each([
  ['no port', '{ command: x, replicas: 2 }', '`a` has `replicas` but no port at which they could take turns'],
  ['a job', '{ command: x, job: true, replicas: 2 }', '`a` is a job, and a job runs once'],
  ['a url', '{ url: "http://127.0.0.1:1", replicas: 2 }', '`a` has both `url` and `replicas`'],
  [
    'HTTPS by request',
    '{ command: x, port: 1, tls: { ca: none.pem }, replicas: 2 }',
    '`a` speaks HTTPS, and requests that are encrypted cannot be shared out',
  ],
  [
    'REPLICA',
    '{ command: x, port: 1, replicas: 2, env: { REPLICA: 1 } }',
    '`replicas` sets REPLICA of `a` already',
  ],
  [
    'none',
    '{ command: x, port: 1, replicas: 0 }',
    '`services.a.replicas` must be a number of processes from 1 to 64',
  ],
  ['too many', '{ command: x, port: 1, replicas: 65 }', 'must be a number of processes from 1 to 64'],
  [
    'a word',
    '{ command: x, port: 1, replicas: many }',
    'must be a number of processes from 1 to 64, or a mapping',
  ],
])('replicas of a service with %s are a mistake', (_what, service, sentence) => {
  expect(mistakes(`services: { a: ${service} }`)).toContain(sentence);
});

test('a replica cannot have the name of another service', () => {
  const config = 'services: { a: { command: x, port: 1, replicas: 2 }, a-2: { command: x } }';
  expect(mistakes(config)).toContain('a replica of `a` would have the name of the service `a-2`');
  const harmless =
    'services: { a: { command: x, port: 1, replicas: 2 }, a-3: { command: x }, a-02: { command: x } }';
  expect(load(harmless)).toHaveLength(5);
});

test('the broker has no replicas', () => {
  const config =
    'broker: {}\nservices: { a: { command: x } }\ntopologies: { default: { override: { broker: { replicas: 2 } } } }';
  expect(mistakes(config)).toContain('the broker is one');
});

test('a mistake of a service with replicas is told once', () => {
  const output = mistakes(
    'services: { a: { command: "x ${NONE}", port: 1, replicas: 3, needs: [b], env: { PORT: 1 } } }',
  );
  expect(output.match(/NONE is not set/g)).toHaveLength(1);
  expect(output.match(/which is not in this topology/g)).toHaveLength(1);
  expect(output).toContain('e2e.config.yaml has 3 mistakes');
});

test('every replica loads early where the service does, and the edge, which loads nothing, does not', () => {
  const services = load(SHOP.replace('replicas: 3', 'replicas: 2\n    eager: true'));
  expect(services.flatMap((spec) => (spec.kind === 'own' && spec.eager === true ? [spec.name] : []))).toEqual(
    ['products-1', 'products-2'],
  );
});
