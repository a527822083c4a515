import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { freePort, until } from '../support.ts';
import { EDGE_PROGRAM, replicated } from './replicated.ts';

/** Reads a raw connection. */
async function raw(port: number) {
  const socket: Socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  onTestFinished(() => {
    socket.destroy();
  });
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  await once(socket, 'connect');
  return { socket, text: () => text, ended: once(socket, 'end') };
}

test('a member sees who asked, and nothing that was about the connection to the edge', async () => {
  const { ask, port } = await replicated();
  const { body } = await ask({
    path: '/a/b?c=%20d',
    headers: {
      ...{ host: 'shop.example', connection: 'keep-alive, x-secret', 'x-secret': 'of this hop' },
      ...{ 'keep-alive': 'timeout=9', te: 'trailers', 'x-forwarded-for': '10.0.0.9', accept: 'a/b' },
    },
  });
  const seen: { url: string; headers: Record<string, string> } = JSON.parse(body);
  expect(seen.url).toBe('/a/b?c=%20d');
  expect(seen.headers).toMatchObject({
    ...{ host: 'shop.example', accept: 'a/b', 'x-forwarded-for': '10.0.0.9, 127.0.0.1' },
    ...{ 'x-forwarded-proto': 'http', 'x-forwarded-host': 'shop.example' },
  });
  for (const gone of ['x-secret', 'te', 'transfer-encoding', 'keep-alive'])
    expect(seen.headers).not.toHaveProperty(gone);
  expect(JSON.parse((await ask()).body).headers['x-forwarded-host']).toBe(`127.0.0.1:${port}`);
});

test('headers that come twice stay two, and so does the reason phrase', async () => {
  const { ask, port } = await replicated();
  expect((await ask({ path: '/cookies' })).headers['set-cookie']).toEqual(['a=1', 'b=2']);
  const { socket, text, ended } = await raw(port);
  socket.write('GET /cookies HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await ended;
  expect(text()).toMatch(/^HTTP\/1\.1 200 Fine\r\n/);
});

test('a large body goes there and back as it is, whether its length is told or not', async () => {
  const { ask } = await replicated();
  const body = randomBytes(8_000_000);
  const lengths: Record<string, string>[] = [
    { 'content-length': `${body.length}` },
    { 'transfer-encoding': 'chunked' },
  ];
  for (const headers of lengths) {
    const answer = await ask({ path: '/echo', method: 'POST', body, headers });
    expect(answer.status).toBe(200);
    expect(Buffer.from(answer.body, 'latin1').equals(body)).toBe(true);
  }
});

test('a request without a body has none behind the edge either, whatever its method', async () => {
  const { ask } = await replicated();
  for (const method of ['POST', 'DELETE', 'GET', 'PUT']) {
    const { status, body } = await ask({ method });
    expect(status).toBe(200);
    const { headers }: { headers: Record<string, string> } = JSON.parse(body);
    expect(headers['transfer-encoding']).toBeUndefined();
    expect(headers['content-length'] ?? '0').toBe('0');
  }
  const headers = { 'transfer-encoding': 'chunked' };
  expect(await ask({ method: 'DELETE', path: '/echo', body: 'these', headers })).toMatchObject({
    ...{ status: 200, body: 'these' },
  });
  expect(await ask({ method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
});

test('when whoever asked has gone, the member learns it', async () => {
  const { ask, received } = await replicated();
  const abort = new AbortController();
  const asked = ask({ path: '/wait', signal: abort.signal });
  await until('a member has it', () => [1, 2, 3].flatMap(received).includes('/wait'));
  abort.abort();
  await expect(asked).rejects.toThrow('aborted');
  await until('the member knows', () => [1, 2, 3].flatMap(received).includes('aborted'));
});

test('headers larger than 64 kB are refused by the edge itself', async () => {
  const { ask, received } = await replicated();
  expect(await ask({ headers: { 'x-large': 'x'.repeat(70_000) } })).toMatchObject({ status: 431 });
  expect([1, 2, 3].flatMap(received)).toEqual([]);
});

test('a WebSocket is passed through, both ways', async () => {
  const { port } = await replicated();
  const { socket, text } = await raw(port);
  socket.write('GET /live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nfirst ');
  await until('it is switched', () => text().startsWith('HTTP/1.1 101 Switching Protocols\r\n'));
  socket.write('second');
  await until('all comes back', () => text().endsWith('\r\n\r\nfirst second'));
});

test('the wish for another protocol is not passed on, and the request is', async () => {
  const { port } = await replicated();
  const { socket, text, ended } = await raw(port);
  const wish =
    'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n';
  socket.write(`POST /echo HTTP/1.1\r\nHost: x\r\n${wish}Content-Length: 4\r\n\r\nbody`);
  await ended;
  expect(text()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(text()).toContain('body');
});

test('by connection, members take turns with connections and nothing in them is looked at', async () => {
  const { port, pidOf, statusOf } = await replicated('replicas: { count: 3, by: connection }');
  const once = async () => {
    const { socket, text, ended } = await raw(port);
    socket.end('GET / HTTP/1.0\r\nX-Forwarded-For: me\r\n\r\n');
    await ended;
    const seen: { replica: string; headers: Record<string, string> } = JSON.parse(
      text().split('\r\n\r\n')[1] ?? '',
    );
    expect(seen.headers['x-forwarded-for']).toBe('me');
    return seen.replica;
  };
  const turns = [await once(), await once(), await once(), await once(), await once(), await once()];
  expect(turns.toSorted()).toEqual(['1', '1', '2', '2', '3', '3']);
  process.kill(pidOf('shop-1'), 'SIGKILL');
  await until('it is gone', () => statusOf('shop-1')?.state === 'exited');
  expect(new Set([await once(), await once(), await once(), await once()])).toEqual(new Set(['2', '3']));
});

test('by connection, a stop lets members answer what they have', async () => {
  const { port, received, note, running, statusOf } = await replicated(
    'replicas: { count: 3, by: connection }',
  );
  const { socket, text, ended } = await raw(port);
  socket.write('GET /wait HTTP/1.1\r\nHost: x\r\n\r\n');
  await until('a member has it', () => [1, 2, 3].flatMap(received).includes('/wait'));
  const stopped = running.stop();
  await until('the edge stops', () => statusOf('shop')?.state === 'stopping');
  note('GO');
  await ended;
  expect(text()).toMatch(/^HTTP\/1\.1 200 OK\r\n.*waited/s);
  socket.end();
  await stopped;
  expect([1, 2, 3].flatMap(received)).toEqual(['/wait']);
});

test.each([
  ['no settings', {}],
  ['no port', { SHOPCTL_EDGE: '{}', PORT: 'x' }],
  ['settings that are none', { SHOPCTL_EDGE: '{"service":"shop"}' }],
  ['settings that are no JSON', { SHOPCTL_EDGE: '{' }],
])('an edge with %s does not start', async (_what, env) => {
  const child = spawn(process.execPath, [EDGE_PROGRAM], {
    env: { PORT: String(await freePort()), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [code] = await once(child, 'close');
  expect(code).toBe(1);
  expect(errors).toMatch(/PORT is no port|SHOPCTL_EDGE does not hold the settings of an edge/);
});
