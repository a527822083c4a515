import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ask } from '../ask.ts';
import { gatewayBefore } from './start-gateway.ts';

/** A gateway before a service that answers with `status`, which counts how often it is asked. */
async function gatewayBeforeStatus(breakerResetMs: number) {
  const service: { status: number; asked: number; hold?: ((response: ServerResponse) => void) | undefined } =
    {
      status: 500,
      asked: 0,
    };
  const gateway = await gatewayBefore(
    'products',
    (request, response) => {
      if (request.url === '/healthz') return void response.end('{}');
      service.asked += 1;
      if (service.hold === undefined) response.writeHead(service.status).end('{}');
      else service.hold(response);
    },
    { breakerResetMs },
  );
  const statuses = async (times: number) => {
    const seen: number[] = [];
    for (let time = 0; time < times; time += 1) {
      seen.push((await ask('GET', `${gateway.url}/products`)).status);
    }
    return seen;
  };
  return { gateway, service, statuses };
}

describe('the circuit of a service', () => {
  it('opens after ten failures, and then spares the service', async () => {
    const { gateway, service, statuses } = await gatewayBeforeStatus(60_000);
    expect(await statuses(10)).toEqual(Array(10).fill(500));
    const refused = await ask('GET', `${gateway.url}/products`);
    expect(refused.status).toBe(503);
    expect(refused.body).toMatchObject({ type: 'urn:shop:problem:circuit-open' });
    const { text } = await ask('GET', `${gateway.url}/metrics`);
    expect(text).toMatch(/^circuit_breaker_state\{upstream="products",state="open"\} 1$/m);
    expect(text).toMatch(/^circuit_breaker_state\{upstream="products",state="closed"\} 0$/m);
    expect(text).toMatch(/^circuit_breaker_opens_total\{upstream="products"\} 1$/m);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(1);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(service.asked).toBe(10);
    expect(gateway.logText()).toContain('circuit opened');
  });

  it('is tried with one request after a pause, and closes when that succeeds', async () => {
    const { gateway, service, statuses } = await gatewayBeforeStatus(50);
    await statuses(10);
    service.status = 200;
    const answered = async () => (await ask('GET', `${gateway.url}/products`)).status;
    await expect.poll(answered, { interval: 20 }).toBe(200);
    expect(await statuses(3)).toEqual([200, 200, 200]);
    expect(gateway.logText()).toContain('circuit closed');
  });

  it('opens again when the try fails', async () => {
    const { gateway, service, statuses } = await gatewayBeforeStatus(50);
    await statuses(10);
    await expect.poll(() => ask('GET', `${gateway.url}/products`).then(({ status }) => status)).toBe(500);
    expect(service.asked).toBe(11);
    const opened = gateway.logged.filter(({ msg }) => String(msg).includes('circuit opened'));
    expect(opened).toHaveLength(2);
  });

  it('lets one request through while it is tried, and no other', async () => {
    const { gateway, service, statuses } = await gatewayBeforeStatus(50);
    await statuses(10);
    const held: ServerResponse[] = [];
    service.hold = (response) => held.push(response);
    await expect
      .poll(() => {
        void ask('GET', `${gateway.url}/products`).catch(() => undefined);
        return held.length;
      })
      .toBe(1);
    expect((await ask('GET', `${gateway.url}/products`)).status).toBe(503);
    expect(held).toHaveLength(1);
    held[0]?.end('{}');
  });

  it('stays closed for refusals: they are the client’s doing', async () => {
    const { service, statuses } = await gatewayBeforeStatus(60_000);
    service.status = 404;
    expect(await statuses(15)).toEqual(Array(15).fill(404));
  });

  it('stays closed when few of many fail', async () => {
    const { service, statuses } = await gatewayBeforeStatus(60_000);
    service.status = 200;
    await statuses(12);
    service.status = 503;
    expect(await statuses(8)).toEqual(Array(8).fill(503));
    expect(service.asked).toBe(20);
  });

  it('stays closed when clients leave', async () => {
    const { gateway, service, statuses } = await gatewayBeforeStatus(60_000);
    let closed = 0;
    service.hold = (response) => response.once('close', () => (closed += 1));
    const { port, hostname } = new URL(gateway.url);
    for (let client = 0; client < 12; client += 1) {
      const socket = connect(Number(port), hostname);
      socket.write('GET /products HTTP/1.1\r\nhost: shop\r\n\r\n');
      await expect.poll(() => service.asked).toBe(client + 1);
      socket.destroy();
    }
    await expect.poll(() => closed).toBe(12);
    service.hold = undefined;
    service.status = 200;
    expect(await statuses(1)).toEqual([200]);
  });

  it('is its own: the others go on', async () => {
    const { gateway, statuses } = await gatewayBeforeStatus(60_000);
    await statuses(11);
    expect((await ask('GET', `${gateway.url}/livez`)).status).toBe(200);
    expect((await ask('GET', `${gateway.url}/health`)).body).toMatchObject({ status: 'healthy' });
  });
});
