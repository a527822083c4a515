import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { parseDatabase } from '../../src/database/index.ts';
import { knock } from '../../src/doctor/checks/broker.ts';
import { open } from '../../src/doctor/checks/database.ts';
import { freePort } from '../free-ports.ts';
import { brokerUrl, describeWithBroker } from '../services/kit/bus/broker-url.ts';
import { describeWithPostgres } from '../services/postgres/with-postgres.ts';
import { testServerUrl } from '../services/test-server.ts';

const signal = new AbortController().signal;

function connect(text: string) {
  const address = parseDatabase(text, (path) => path);
  if (!('kind' in address)) throw new Error(address.reason);
  return open(address, signal);
}

/** Accepts, and says nothing. */
async function silentServer(): Promise<number> {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

test('a broker that is not there is a problem with its address and without its password', async () => {
  const port = await freePort();
  const found = await knock(`amqp://ann:topsecret@127.0.0.1:${port}`, signal);
  expect(found).toMatchObject({ level: 'problem', message: expect.stringContaining(`127.0.0.1:${port}`) });
  expect(JSON.stringify(found)).not.toContain('topsecret');
});

test('what accepts and never speaks AMQP is a problem', async () => {
  const found = await knock(`amqp://ann:topsecret@127.0.0.1:${await silentServer()}`, signal);
  expect(found).toMatchObject({
    level: 'problem',
    message: expect.stringContaining('nothing that speaks AMQP answered in 2 s'),
  });
});

describeWithBroker('RabbitMQ (needs RabbitMQ)', () => {
  test('is named with the user it lets in', async () => {
    expect(await knock(brokerUrl, signal)).toEqual({
      level: 'ok',
      message: expect.stringMatching(/^\w+ at \S+ lets in the user \w+$/),
    });
  });

  test('that does not let us in is a problem, without the password', async () => {
    const url = new URL(brokerUrl);
    url.password = 'topsecret';
    const refused = await knock(url.href, signal);
    expect(refused).toMatchObject({ level: 'problem', message: expect.stringContaining('does not accept') });
    expect(JSON.stringify(refused)).not.toContain('topsecret');
  });
});

test('a database server that is not there is a problem with its address and without its password', async () => {
  const port = await freePort();
  const found = await connect(`postgres://ann:topsecret@127.0.0.1:${port}/shop`);
  expect(found).toMatchObject({
    level: 'problem',
    message: expect.stringContaining(`127.0.0.1:${port}/shop`),
  });
  expect(JSON.stringify(found)).not.toContain('topsecret');
});

test('a database server that accepts and never answers is a problem', async () => {
  const found = await connect(`postgres://ann:topsecret@127.0.0.1:${await silentServer()}/shop`);
  expect(found).toMatchObject({ level: 'problem', message: expect.stringContaining('127.0.0.1:') });
  expect(JSON.stringify(found)).not.toContain('topsecret');
});

describeWithPostgres('PostgreSQL (needs PostgreSQL)', () => {
  test('is named with its version', async () => {
    expect(await connect(testServerUrl)).toEqual({
      level: 'ok',
      message: expect.stringMatching(/^PostgreSQL \d.* reads \S+$/),
    });
  });

  test('without the database that is named is worth a warning', async () => {
    const url = new URL(testServerUrl);
    url.pathname = '/no_such_database';
    expect(await connect(url.href)).toMatchObject({
      level: 'warning',
      message: expect.stringContaining('no_such_database'),
    });
  });
});
