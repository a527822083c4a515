import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startBroker } from '../../../src/broker/embedded/index.ts';
import type { Probe } from '../../../src/config/probe-spec.ts';
import { foreign, freePort, own, trial } from '../support.ts';

const at = (url: string): Probe<'amqp'> => ({ kind: 'amqp', url, isOwn: false });

const asking = (url: string, timeoutMs = 30_000, tryMs = 2_000) => {
  const spec = foreign('mq', url);
  return trial([{ ...spec, ready: { ...spec.ready, timeoutMs, tryMs, probe: at(url) } }]);
};

async function broker() {
  const started = await startBroker({ port: 0, host: '127.0.0.1', random: Math.random });
  onTestFinished(() => started.close());
  return new URL(started.url);
}

test('a broker that lets the user in is ready', async () => {
  const { start, story } = asking((await broker()).href);
  await start();
  expect(story()).toContain('service-ready mq');
});

test('a wrong password and a wrong virtual host are told, and the password is not', async () => {
  const url = await broker();
  url.username = 'guest';
  url.password = 'sesame';
  const wrong = await asking(url.href, 300).startError();
  expect(wrong.message).toBe(
    `mq was not ready within 300 ms: the AMQP handshake with ${url.host} failed: the broker at ${url.host} does not accept the user or the password`,
  );
  expect(wrong.hint).toBe('they are part of the URL of the broker');
  url.password = 'guest';
  url.pathname = '/elsewhere';
  expect((await asking(url.href, 300).startError()).message).toContain('has no virtual host `elsewhere`');
});

test('a port at which nobody listens, and one that says nothing, are told', async () => {
  const nobody = `amqp://127.0.0.1:${await freePort()}`;
  expect((await asking(nobody, 100).startError()).message).toMatch(
    /refused the connection: nothing listens there$/,
  );
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => {
    silent.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void silent.close());
  const address = silent.address();
  const url = `amqp://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  expect((await asking(url, 100, 400).startError()).message).toMatch(/did not answer within 0\.4 s$/);
});

test('a service of ours is asked at its own port', async () => {
  const port = await freePort();
  const spec = own('mq', 'listens.mjs', { port, timeoutMs: 3_000 });
  const probe: Probe = { kind: 'amqp', url: `amqp://guest:guest@127.0.0.1:${port}`, isOwn: true };
  const { startError } = trial([{ ...spec, ready: { ...spec.ready, probe } }]);
  expect((await startError()).message).toContain(`the AMQP handshake with 127.0.0.1:${port} failed`);
});
