import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadProject } from '../../src/config/index.ts';
import { type MovedShop, moveShop } from './moved-shop.ts';
import { type CliResult, ROOT } from './run-cli.ts';

/** Long enough for eight services on a machine that does something else as well. */
const patience = { timeout: 240_000 };

interface RunningTopology {
  readonly started: CliResult;
  readonly cli: MovedShop['cli'];
  /** The answer to a request to what stands at this port in the documentation. */
  readonly ask: (url: string, init?: RequestInit) => Promise<{ status: number; text: string; json: unknown }>;
}

/** A topology of the bundled shop, brought up with `up -d`. */
async function bringUp(topology: string): Promise<RunningTopology> {
  const { cli, portFor, remove } = await moveShop({ topology });
  onTestFinished(remove);
  const started = await cli('up', '-d');
  return {
    started,
    cli,
    ask: async (url, init = {}) => {
      const here = url.replace(/localhost:(\d+)/, (_, port: string) => `127.0.0.1:${portFor(Number(port))}`);
      const answer = await fetch(here, init);
      const text = await answer.text();
      const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
      return { status: answer.status, text, json: isJson ? JSON.parse(text) : undefined };
    },
  };
}

function portsOf(topology: string): Record<string, number | undefined> {
  const project = loadProject({ file: join(ROOT, 'e2e.config.yaml'), topology, env: {}, cwd: ROOT });
  return Object.fromEntries(
    project.services.map((service) => [service.name, service.kind === 'own' ? service.port : undefined]),
  );
}

const json = (body: string): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body,
});

describe('the quick reference of the simulator', () => {
  it('has the ports of its table', () => {
    expect(portsOf('simulator')).toEqual({
      users: 8001,
      auth: 8002,
      products: 8003,
      cart: 8004,
      orders: 8005,
      payments: 8006,
      inventory: 8007,
    });
  });

  it('does what it says, on services that one command starts', patience, async () => {
    const { started, ask } = await bringUp('simulator');
    expect(started).toMatchObject({ code: 0, stderr: expect.stringContaining('7 services ready') });
    expect(await ask('http://localhost:8001/health')).toMatchObject({
      status: 200,
      json: { status: 'healthy' },
    });
    expect(
      await ask('http://localhost:8001/login', json('{"username":"test","password":"test"}')),
    ).toMatchObject({
      status: 200,
      json: { access_token: expect.any(String), user: { id: 'test_user_001' } },
    });
  });
});

describe('the quick reference of the shop stack', () => {
  it('has the ports of its table', () => {
    expect(portsOf('shopstack')).toEqual({ gateway: 8000, products: 8001, cart: 8002 });
  });

  it('does what it says, on services that one command starts, and its suites pass', patience, async () => {
    const { started, cli, ask } = await bringUp('shopstack');
    expect(started).toMatchObject({ code: 0, stderr: expect.stringContaining('3 services ready') });
    expect(await ask('http://localhost:8000/healthz')).toMatchObject({ status: 200 });
    expect(await ask('http://localhost:8000/catalog/123')).toMatchObject({
      status: 200,
      json: { id: '123' },
    });
    const metrics = await ask('http://localhost:8000/metrics');
    expect(metrics).toMatchObject({ status: 200, text: expect.stringContaining('http_requests_total') });
    const add = () => ask('http://localhost:8000/cart/add', json('{"product_id": 123, "quantity": 2}'));
    // One of a hundred writes fails on purpose.
    await expect.poll(add, { timeout: 20_000 }).toMatchObject({
      status: 200,
      json: { items: [{ product_id: '123', quantity: 2 }] },
    });
    const suites = await cli('test', 'e2e');
    expect(suites, suites.stdout).toMatchObject({ code: 0 });
  });
});

describe('the quick start of the asynchronous checkout', () => {
  it('has the ports of its text', () => {
    expect(portsOf('async-checkout')).toMatchObject({
      gateway: 9000,
      orders: 8001,
      payments: 8002,
      notifications: 8003,
      mail: 8026,
      monolith: 8010,
    });
  });

  it('does what it says, on services that one command starts, and its suites pass', patience, async () => {
    const { started, cli, ask } = await bringUp('async-checkout');
    expect(started).toMatchObject({ code: 0, stderr: expect.stringContaining('7 services ready') });
    for (const url of ['9000/health', '8001/', '8002/', '8003/'])
      expect(await ask(`http://localhost:${url}`)).toMatchObject({ status: 200 });
    const bought = await ask(
      'http://localhost:9000/api/checkout',
      json(
        '{"user_id": 1, "user_email": "test@example.com", "items": [{"product_id": 1, "quantity": 1, "price": "1299.99"}]}',
      ),
    );
    expect(bought).toMatchObject({ status: 202, json: { total: '1299.99', status: expect.any(String) } });
    const { order_id: id } = Object(bought.json);
    await expect
      .poll(() => ask('http://localhost:8026/', { headers: { accept: 'text/html' } }), { timeout: 60_000 })
      .toMatchObject({ status: 200, text: expect.stringContaining(`Order ${id} confirmed`) });
    expect(await ask('http://localhost:8026/messages')).toMatchObject({ json: { total: 1 } });
    const authorization = `Basic ${btoa('ecommerce:ecommerce123')}`;
    const queues = await ask('http://localhost:15672/api/queues', { headers: { authorization } });
    expect(queues.status).toBe(200);
    for (const name of ['payment_service_queue', 'email_service_queue'])
      expect(queues.json).toContainEqual(expect.objectContaining({ name, durable: true, messages: 0 }));
    const suites = await cli('test', 'e2e');
    expect(suites, suites.stdout).toMatchObject({ code: 0 });
  });
});

describe('the platform', () => {
  it('starts with one command, and its suites pass', patience, async () => {
    const { started, cli } = await bringUp('platform');
    expect(started).toMatchObject({ code: 0, stderr: expect.stringContaining('10 services ready') });
    const suites = await cli('test', 'e2e');
    expect(suites, suites.stdout).toMatchObject({ code: 0 });
  });
});

describe('the topology in which tokens expire', () => {
  it('passes its suite', patience, async () => {
    const { started, cli } = await bringUp('expiry');
    expect(started).toMatchObject({ code: 0 });
    const suites = await cli('test', 'e2e');
    expect(suites, suites.stdout).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('3 passed, 0 failed'),
    });
  });
});
