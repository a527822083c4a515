import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { ask } from '../ask.ts';
import { gatewayBefore, startFake, startGateway } from './start-gateway.ts';

/** Answers with the headers and the body that arrived. */
async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ headers: request.headers, method: request.method, body }));
}

const received = (body: Record<string, unknown>) => new Map(Object.entries(Object(body['headers'])));

describe('what the gateway passes on', () => {
  it('is method, body and headers of the request', async () => {
    const gateway = await gatewayBefore('products', echo);
    const { body } = await ask('POST', `${gateway.url}/products`, {
      body: { a: 1 },
      headers: { 'idempotency-key': 'k', authorization: 'Bearer t' },
    });
    expect(body).toMatchObject({ method: 'POST', body: '{"a":1}' });
    expect(received(body).get('idempotency-key')).toBe('k');
    expect(received(body).get('authorization')).toBe('Bearer t');
    expect(received(body).get('content-length')).toBe('7');
  });

  it('never holds hop-by-hop headers, nor what Connection names', async () => {
    const gateway = await gatewayBefore('products', echo);
    const body = await rawGet(`${gateway.url}/products`, {
      connection: 'close, x-private',
      'x-private': '1',
      te: 'trailers',
      'proxy-authorization': 'Basic x',
      'x-kept': '1',
    });
    const headers = received(JSON.parse(body));
    for (const name of ['x-private', 'te', 'proxy-authorization']) expect(headers.get(name)).toBeUndefined();
    expect(headers.get('x-kept')).toBe('1');
  });

  it('says who asked, whatever the client claims', async () => {
    const gateway = await gatewayBefore('products', echo);
    const { body } = await ask('GET', `${gateway.url}/products`, {
      headers: { 'x-forwarded-for': '203.0.113.9', 'x-real-ip': '203.0.113.9', forwarded: 'for=203.0.113.9' },
    });
    const headers = received(body);
    expect(headers.get('x-forwarded-for')).toBe('127.0.0.1');
    expect(headers.get('x-forwarded-proto')).toBe('http');
    expect(headers.get('x-forwarded-host')).toBe(gateway.url.replace('http://', ''));
    expect(headers.get('x-real-ip')).toBeUndefined();
    expect(headers.get('forwarded')).toBeUndefined();
  });

  it('carries the request id and the trace of the client', async () => {
    const gateway = await gatewayBefore('products', echo);
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const answered = await ask('GET', `${gateway.url}/products`, {
      headers: { 'x-request-id': 'r-1', traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    });
    expect(received(answered.body).get('x-request-id')).toBe('r-1');
    expect(received(answered.body).get('traceparent')).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    expect(answered.headers.get('x-request-id')).toBe('r-1');
  });

  it('carries a request id and a trace of its own where the client has none', async () => {
    const gateway = await gatewayBefore('products', echo);
    const { body, headers } = await ask('GET', `${gateway.url}/products`);
    expect(received(body).get('x-request-id')).toBe(headers.get('x-request-id'));
    expect(received(body).get('traceparent')).toMatch(/^00-/);
  });

  it('brings status, headers and body of the answer back', async () => {
    const gateway = await gatewayBefore('products', (_request, response) => {
      response.setHeader('set-cookie', ['a=1', 'b=2']).setHeader('x-request-id', 'other');
      response
        .writeHead(418, { etag: '"1"', 'keep-alive': 'timeout=1', vary: 'accept' })
        .end('short and stout');
    });
    const answered = await ask('GET', `${gateway.url}/products`, { headers: { 'x-request-id': 'mine' } });
    expect(answered.status).toBe(418);
    expect(answered.text).toBe('short and stout');
    expect(answered.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(answered.headers.get('etag')).toBe('"1"');
    expect(answered.headers.get('vary')).toContain('accept');
    expect(answered.headers.get('x-request-id')).toBe('mine');
  });

  it('answers HEAD and 204 without a body', async () => {
    const gateway = await gatewayBefore('products', (request, response) => {
      if (request.method === 'DELETE') response.writeHead(204).end();
      else response.writeHead(200, { 'content-length': '5' }).end();
    });
    const head = await ask('HEAD', `${gateway.url}/products/1`);
    expect([head.status, head.headers.get('content-length'), head.text]).toEqual([200, '5', '']);
    expect((await ask('DELETE', `${gateway.url}/products/1`)).status).toBe(204);
  });
});

describe('bodies', () => {
  it('stream through: the client reads the beginning before the service has sent the end', async () => {
    let finish: (() => void) | undefined;
    const gateway = await gatewayBefore('products', (_request, response) => {
      response.write('first ');
      finish = () => response.end('last');
    });
    const answer = await fetch(`${gateway.url}/products`);
    const reader = answer.body?.getReader();
    const first = await reader?.read();
    expect(Buffer.from(first?.value ?? []).toString()).toBe('first ');
    finish?.();
    const last = await reader?.read();
    expect(Buffer.from(last?.value ?? []).toString()).toBe('last');
  });

  it('begin even when nothing of them has come yet', async () => {
    let finish: (() => void) | undefined;
    const gateway = await gatewayBefore('products', (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      finish = () => response.end();
    });
    const answer = await fetch(`${gateway.url}/products`);
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    finish?.();
    expect(await answer.text()).toBe('');
  });

  it('are sent on while they come in', async () => {
    const parts: string[] = [];
    const gateway = await gatewayBefore('products', (request, response) => {
      request.on('data', (chunk) => parts.push(String(chunk)));
      request.on('end', () => response.end('{}'));
    });
    const sending = httpRequest(`${gateway.url}/products`, { method: 'POST' });
    const answered = once(sending, 'response');
    sending.write('one');
    await expect.poll(() => parts).toEqual(['one']);
    sending.end('two');
    const [answer] = await answered;
    answer.resume();
    expect(parts).toEqual(['one', 'two']);
  });

  it('that announce more than 1 MB are refused before the service hears of them', async () => {
    let asked = 0;
    const gateway = await gatewayBefore('products', (_request, response) => {
      asked += 1;
      response.end('{}');
    });
    const answered = await ask('POST', `${gateway.url}/products`, { rawBody: 'x'.repeat(1_000_001) });
    expect(answered.status).toBe(413);
    expect(answered.body).toMatchObject({ type: 'urn:shop:problem:payload-too-large' });
    expect(asked).toBe(0);
    expect((await ask('POST', `${gateway.url}/products`, { rawBody: 'x'.repeat(1_000_000) })).status).toBe(
      200,
    );
  });

  it('that turn out larger than 1 MB are refused too, and the service is left', async () => {
    const ends: string[] = [];
    const gateway = await gatewayBefore('products', (request) => {
      request.resume();
      request.once('close', () => ends.push(request.complete ? 'complete' : 'cut off'));
    });
    const sending = httpRequest(`${gateway.url}/products`, { method: 'POST' });
    const answered = once(sending, 'response');
    for (let part = 0; part < 11; part += 1) sending.write(Buffer.alloc(100_000));
    sending.end();
    const [answer] = await answered;
    expect(answer.statusCode).toBe(413);
    expect(JSON.parse(await text(answer))).toMatchObject({ status: 413 });
    await expect.poll(() => ends).toEqual(['cut off']);
  });
});

describe('a service that', () => {
  it('does not begin to answer in time is a 504 problem', async () => {
    const gateway = await gatewayBefore('products', () => undefined, { timeoutMs: 50 });
    const answered = await ask('GET', `${gateway.url}/products`);
    expect(answered.status).toBe(504);
    expect(answered.body).toMatchObject({ type: 'urn:shop:problem:upstream-timeout' });
  });

  it('does not run is a 503 problem with Retry-After', async () => {
    const service = await startFake(() => undefined);
    await service.stop();
    const gateway = await startGateway({ services: { products: service.url } });
    const answered = await ask('POST', `${gateway.url}/products`, { body: {} });
    expect(answered.status).toBe(503);
    expect(answered.headers.get('retry-after')).toBe('1');
  });

  it('cuts the connection is a 503 problem', async () => {
    const gateway = await gatewayBefore('products', (request) => void request.socket.destroy());
    expect((await ask('GET', `${gateway.url}/products`)).status).toBe(503);
  });

  it('does not speak HTTP is a 502 problem', async () => {
    const gateway = await gatewayBefore('products', (request) => void request.socket.end('SMTP ready\r\n'));
    expect((await ask('GET', `${gateway.url}/products`)).status).toBe(502);
  });

  it('breaks off in its answer breaks off for the client too', async () => {
    const gateway = await gatewayBefore('products', (request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half', () => request.socket.destroy());
    });
    const answer = await fetch(`${gateway.url}/products`);
    await expect(answer.text()).rejects.toThrow('terminated');
    await expect.poll(gateway.logText).toContain('broke off');
  });

  it('falls silent in its answer is not waited for any longer', async () => {
    const gateway = await gatewayBefore(
      'products',
      (_request, response) => void response.writeHead(200, { 'content-length': '100' }).write('half'),
      // Long enough for the beginning of the answer to come in time.
      { timeoutMs: 2_000 },
    );
    const answer = await fetch(`${gateway.url}/products`);
    await expect(answer.text()).rejects.toThrow('terminated');
  });
});

describe('a client that leaves', () => {
  it.each([
    ['before the answer', false],
    ['in the middle of the answer', true],
  ])('%s frees the service', async (_when, isAnswering) => {
    let freed = false;
    let asked = false;
    const gateway = await gatewayBefore('products', (_request, response) => {
      asked = true;
      if (isAnswering) response.write('first');
      response.once('close', () => {
        freed = !response.writableFinished;
      });
    });
    const { port, hostname } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    socket.write('GET /products HTTP/1.1\r\nhost: shop\r\n\r\n');
    await expect.poll(() => asked).toBe(true);
    if (isAnswering) await once(socket, 'data');
    socket.destroy();
    await expect.poll(() => freed).toBe(true);
    expect((await ask('GET', `${gateway.url}/livez`)).status).toBe(200);
  });
});

/** `fetch` refuses to send some headers. */
async function rawGet(url: string, headers: Record<string, string>): Promise<string> {
  const sending = httpRequest(url, { headers });
  const answered = once(sending, 'response');
  sending.end();
  const [answer] = await answered;
  return await text(answer);
}
