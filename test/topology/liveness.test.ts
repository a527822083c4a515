import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import type { Liveness } from '../../src/config/project.ts';
import { isUp } from '../../src/topology/dependants.ts';
import { attach } from '../../src/topology/running.ts';
import { errorFrom, eventOf, foreign, freePort, own, pidOf, trial, until } from './support.ts';

const often: Liveness = { probe: { kind: 'http', path: '/' }, everyMs: 5, timeoutMs: 10_000, failures: 3 };

/** A server that answers with whatever status is set. */
async function changeable() {
  const answers = { status: 200, count: 0 };
  const server = createServer((_request, response) => {
    answers.count += 1;
    response.writeHead(answers.status).end();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void server.close());
  const address = server.address();
  return { answers, url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}` };
}

test('a service that fails its probe often enough in a row is unhealthy, and healthy again when it answers', async () => {
  const { answers, url } = await changeable();
  const { start, events, story, plan } = trial([{ ...foreign('users', url), live: often }]);
  const running = await start();
  answers.status = 503;
  const before = answers.count;
  await until('it is unhealthy', () => running.services()[0]?.state === 'unhealthy');
  expect(answers.count - before).toBeGreaterThanOrEqual(3);
  expect(eventOf(events, 'service-unhealthy', 'users').message).toBe('answered with status 503');
  expect(running.services().map(isUp)).toEqual([false]);
  expect((await errorFrom(attach(plan))).message).toContain('users is unhealthy');
  answers.status = 200;
  await until('it is ready again', () => running.services()[0]?.state === 'ready');
  expect(story().slice(-2)).toEqual(['service-unhealthy users', 'service-healthy users']);
});

test('a failure here and there changes nothing', async () => {
  const { answers, url } = await changeable();
  const { start, story } = trial([{ ...foreign('users', url), live: often }]);
  await start();
  for (let round = 0; round < 5; round += 1) {
    const seen = answers.count;
    answers.status = 503;
    await until('it has failed', () => answers.count > seen);
    answers.status = 200;
    const failed = answers.count;
    await until('it has answered', () => answers.count > failed + 1);
  }
  expect(story()).not.toContain('service-unhealthy users');
});

test('a service that is to come back is ended when it does not answer any more, and started again', async () => {
  const port = await freePort();
  const users = own('users', 'falls-silent.mjs', {
    port,
    live: { ...often, timeoutMs: 200 },
    restart: { policy: 'on-failure', backoffMs: 1, limitMs: 4 },
  });
  const { start, story } = trial([users]);
  const running = await start();
  const first = pidOf(running, 'users');
  await fetch(`http://127.0.0.1:${port}/fall-silent`);
  await until(
    'it is ready again',
    () => story().filter((line) => line === 'service-ready users').length === 2,
  );
  expect(story().slice(2)).toEqual([
    'service-unhealthy users',
    'service-exited users',
    'service-restarting users',
    'service-starting users',
    'service-ready users',
  ]);
  expect(pidOf(running, 'users')).not.toBe(first);
});
