import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClient } from '../../src/http/index.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await new Promise<void>((resolve) => server.once('listening', resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

const serve = (listener: RequestListener) => listen(createServer(listener));

function client(options = {}): HttpClient {
  const created = createHttpClient(options);
  closers.unshift(() => created.close());
  return created;
}

const echo: RequestListener = (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    response.writeHead(201, { 'Content-Type': 'application/json', 'X-Two': ['a', 'b'] });
    response.end(
      JSON.stringify({
        method: request.method,
        url: request.url,
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      }),
    );
  });
};

describe('send', () => {
  it('leaves a silent connection soon, however long the server would keep it', async () => {
    const server = createServer(echo);
    server.keepAliveTimeout = 600_000;
    const left = new Promise((resolve) =>
      server.once('connection', (socket) => socket.once('close', resolve)),
    );
    const base = await listen(server);
    await client().send({ method: 'get', url: base }, { timeoutMs: 30_000 });
    await left;
  });

  it('sends JSON with its content type and reads the JSON answer', async () => {
    const base = await serve(echo);
    const { request, response } = await client().send(
      {
        method: 'post',
        url: `${base}/a?b=1`,
        headers: { 'X-Id': '7' },
        body: { kind: 'json', value: { n: 1 } },
      },
      { timeoutMs: 5_000 },
    );
    expect(request).toEqual({
      method: 'POST',
      url: `${base}/a?b=1`,
      headers: { 'content-type': 'application/json', 'x-id': '7' },
      body: '{"n":1}',
    });
    expect(response).toMatchObject({ status: 201, truncated: false, headers: { 'x-two': 'a, b' } });
    expect(response?.json).toMatchObject({ method: 'POST', url: '/a?b=1', body: '{"n":1}' });
  });

  it('encodes forms, and lets an explicit content type win', async () => {
    const base = await serve(echo);
    const form = await client().send(
      { method: 'post', url: base, body: { kind: 'form', fields: { a: '1 2', b: 'ä' } } },
      { timeoutMs: 5_000 },
    );
    expect(form.request).toMatchObject({
      body: 'a=1+2&b=%C3%A4',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    const typed = await client().send(
      {
        method: 'post',
        url: base,
        headers: { 'Content-Type': 'text/csv' },
        body: { kind: 'text', text: 'a' },
      },
      { timeoutMs: 5_000 },
    );
    expect(typed.request.headers).toEqual({ 'content-type': 'text/csv' });
  });

  it('does not follow redirects', async () => {
    const base = await serve((_request, response) => response.writeHead(302, { location: '/b' }).end());
    const { response } = await client().send({ method: 'get', url: base }, { timeoutMs: 5_000 });
    expect(response).toMatchObject({ status: 302, headers: { location: '/b' } });
  });

  it('cuts a body at its bound and does not parse the rest', async () => {
    const base = await serve((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify('x'.repeat(100)));
    });
    const { response } = await client({ maxBodyBytes: 10 }).send(
      { method: 'get', url: base },
      { timeoutMs: 5_000 },
    );
    expect(response).toMatchObject({ truncated: true, text: '"xxxxxxxxx' });
    expect(response).not.toHaveProperty('json');
  });

  it('keeps text that only claims to be JSON as text', async () => {
    const base = await serve((_request, response) => {
      response.setHeader('content-type', 'application/problem+json');
      response.end('{oops');
    });
    const { response } = await client().send({ method: 'get', url: base }, { timeoutMs: 5_000 });
    expect(response).toMatchObject({ status: 200, text: '{oops' });
    expect(response).not.toHaveProperty('json');
  });

  it('waits for an answer however far away the deadline is', async () => {
    const base = await serve((_request, response) => response.end('there'));
    const { response } = await client().send({ method: 'get', url: base }, { timeoutMs: 3_600_000_000 });
    expect(response).toMatchObject({ status: 200, text: 'there' });
  });

  it('tells refused, timed out, reset and aborted apart, as data', async () => {
    const silent = await serve(() => undefined);
    const rude = await listen(createTcpServer((socket) => socket.destroy()));
    const gone = createServer();
    const goneUrl = await listen(gone);
    gone.close();
    await once(gone, 'close');
    const http = client();
    const kindOf = async (url: string, options = {}) =>
      (await http.send({ method: 'get', url }, { timeoutMs: 5_000, ...options })).failure?.kind;
    expect(await kindOf(goneUrl)).toBe('refused');
    expect(await kindOf(silent, { timeoutMs: 20 })).toBe('timeout');
    expect(await kindOf(rude)).toBe('reset');
    expect(await kindOf(silent, { signal: AbortSignal.abort() })).toBe('aborted');
    expect(await kindOf('not a url')).toBe('protocol');
  });
});
