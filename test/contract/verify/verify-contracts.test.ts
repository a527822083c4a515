import { expect, test } from 'vitest';
import type { ContractCheck } from '../../../src/model/index.ts';
import { contractOf, errorOf } from '../documents.ts';
import type { Heard, Reply } from '../http-service.ts';
import { ordersDocument, ordersReply, usersDocument, usersReply } from './small-shop.ts';
import { serviceOf, verdicts, verify } from './verification.ts';

const startUsers = (reply = usersReply) => serviceOf('users', usersDocument, reply);

test('a service that keeps its contract passes, every example called once, and everything is covered', async () => {
  const users = await startUsers();
  const seen: ContractCheck[] = [];
  const result = await verify([users], { onCheck: (check) => seen.push(check) });
  expect(verdicts(result)).toEqual([
    'examples passed',
    'createUser: funded passed',
    'createUser: nameless passed',
    'getUser: unknown passed',
    'getUser: found passed',
    'getHealth: default passed',
  ]);
  expect(result.verdict).toBe('passed');
  expect(seen).toEqual(result.checks);
  expect(result.coverage).toMatchObject({ operationsSeen: 3, statusesSeen: 5, statusesDocumented: 5 });
});

test('a request is written as its parameters say, with what is set and without optional parts that have no example', async () => {
  const users = await startUsers();
  await verify([users]);
  expect(users.heard.map(({ method, url, body }) => [method, url, body])).toEqual([
    ['POST', '/users', { name: 'u1', balance: 5 }],
    ['POST', '/users', { balance: 5 }],
    ['GET', '/users/no%20body?fields=id%2Cname', ''],
    ['POST', '/users', { name: 'u2', balance: 5 }],
    ['GET', '/users/u-7?fields=id%2Cname', ''],
    ['GET', '/health', ''],
  ]);
  expect(users.heard[0]?.headers['content-type']).toBe('application/json');
  expect(users.heard[2]?.headers['x-trace']).toBe('t1');
});

test('a call has the calls before it that it needs, across services and through several steps', async () => {
  const users = await startUsers();
  const orders = await serviceOf('orders', ordersDocument, ordersReply);
  const result = await verify([users, orders], { only: ['orders'] });
  expect(verdicts(result)).toEqual([
    'examples passed',
    'createOrder: phone passed',
    'cancelOrder: default passed',
  ]);
  expect(users.heard.map(({ body }) => body)).toEqual([
    { name: 'u1', balance: 900 },
    { name: 'u2', balance: 900 },
  ]);
  expect(users.heard[0]?.headers['x-role']).toBe('$admin');
  expect(orders.heard.map(({ method, url, body }) => [method, url, body])).toEqual([
    ['POST', '/v1/orders', { items: [{ user_id: 'u-7', title: 'phone' }] }],
    ['POST', '/v1/orders', { items: [{ user_id: 'u-7', title: 'phone' }] }],
    ['DELETE', '/v1/orders/41', ''],
  ]);
  expect(result.coverage.operations.map(({ service }) => service)).toEqual(['orders', 'orders']);
});

test('a renamed field of an answer fails its operation by name and pointer, with request and answer', async () => {
  const users = await startUsers((request) => {
    const answer = usersReply(request);
    return request.method === 'GET' && answer.status === undefined && request.url.startsWith('/users')
      ? { json: { id: 'u-7', username: 'x' } }
      : answer;
  });
  const result = await verify([users]);
  const [failed, ...others] = result.checks.filter(({ verdict }) => verdict === 'failed');
  expect(others).toEqual([]);
  expect(result.verdict).toBe('failed');
  expect(failed?.findings.map(({ subject, rule, pointer }) => [subject, rule, pointer])).toEqual([
    ['users#getUser 200 application/json', 'required', '/name'],
    ['users#getUser 200 application/json', 'additionalProperties', '/username'],
  ]);
  expect(failed?.call).toMatchObject({
    operation: 'getUser',
    method: 'GET',
    path: '/users/{id}',
    example: 'found',
    expectedStatus: '200',
    exchange: { request: { url: `${users.baseUrl}/users/u-7?fields=id%2Cname` }, response: { status: 200 } },
  });
});

test('an answer with another status than the one documented for the example fails, and is judged all the same', async () => {
  const users = await startUsers((request) =>
    request.url === '/health' ? { status: 503, json: {} } : usersReply(request),
  );
  expect(verdicts(await verify([users])).at(-1)).toBe(
    'getHealth: default failed unexpected-status undocumented-status',
  );
});

test('a call whose earlier call fails says so and shows that exchange', async () => {
  const users = await startUsers((request) =>
    request.method === 'POST' ? { status: 400, json: { error: 'no' } } : usersReply(request),
  );
  const orders = await serviceOf('orders', ordersDocument, ordersReply);
  const result = await verify([users, orders], { only: ['orders'] });
  expect(verdicts(result).slice(1)).toEqual([
    'createOrder: phone failed precondition-failed',
    'cancelOrder: default failed precondition-failed',
  ]);
  const [, , cancel] = result.checks;
  expect(cancel?.findings[0]?.message).toBe(
    'the call before it, users#createUser (funded), failed: the answer to `funded` is 400, documented is 201',
  );
  expect(cancel?.call?.exchange?.request.url).toBe(`${users.baseUrl}/users`);
  expect(orders.heard).toEqual([]);
});

test('a field that a later call takes from an earlier answer, and that is not there, is named', async () => {
  const users = await startUsers();
  const orders = await serviceOf('orders', ordersDocument, (request) =>
    request.method === 'POST' ? { status: 201, json: { order: { number: 1 } } } : ordersReply(request),
  );
  const result = await verify([users, orders], { only: ['orders'] });
  expect(result.checks.at(-1)?.findings).toMatchObject([
    {
      rule: 'precondition-failed',
      message: '$made.order.id: the answer called `made` has no `id`',
      subject: 'orders#cancelOrder',
    },
  ]);
});

test('a connection that is cut is a failed check, not the end of the run', async () => {
  const users = await startUsers(
    (request): Reply => (request.url.startsWith('/users/no') ? { cut: true } : usersReply(request)),
  );
  expect(verdicts(await verify([users]))).toContain('getUser: unknown failed no-answer');
});

test('a service on which nothing listens ends the run as a failure of the environment', async () => {
  const service = { name: 'users', baseUrl: 'http://127.0.0.1:1', contract: await contractOf(usersDocument) };
  const error = await errorOf(verify([service]));
  expect(error).toMatchObject({ code: 'service-unreachable', exitCode: 3 });
  expect(error.message).toContain('users cannot be reached');
});

test('an aborted run ends at once', async () => {
  const controller = new AbortController();
  const users = await startUsers((request: Heard) => {
    controller.abort();
    return usersReply(request);
  });
  const error = await errorOf(verify([users], { signal: controller.signal }));
  expect(error).toMatchObject({ code: 'interrupted', exitCode: 130 });
  expect(users.heard).toHaveLength(1);
});

test('secrets of the environment, of requests and of answers are in no check', async () => {
  const login = `paths:
  /login:
    post:
      operationId: login
      requestBody:
        content: { application/json: { example: { password: hunter22 } } }
      responses:
        '200': { description: ok, content: { application/json: { schema: { type: object, required: [id] } } } }
`;
  const users = await serviceOf('users', login, () => ({
    json: { echo: 'hunter22 env-secret', access_token: 'tok-aaaa' },
  }));
  const result = await verify([users], { env: { APP_TOKEN: 'env-secret' } });
  expect(result.verdict).toBe('failed');
  const shown = JSON.stringify(result.checks);
  for (const secret of ['hunter22', 'env-secret', 'tok-aaaa']) expect(shown).not.toContain(secret);
  expect(shown).toContain('*** ***');
});
