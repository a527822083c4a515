import { expect, it, onTestFinished } from 'vitest';
import { createLogger, maskEmail } from '../../../services/kit/log.ts';
import { ask } from '../ask.ts';
import { startUsers } from '../start-shop.ts';

it('never writes a secret or a full e-mail address', () => {
  const lines: string[] = [];
  const log = createLogger('test', 'info', { write: (line) => lines.push(line) });
  log.info({
    password: 'hunter2',
    user: { email: 'alice@example.com', token: 'abc.def' },
    authorization: 'Bearer x',
  });
  expect(lines.join('')).not.toMatch(/hunter2|alice@|abc\.def|Bearer x/);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    user: { email: 'a***@example.com', token: '[redacted]' },
  });
  expect(maskEmail('nonsense')).toBe('***');
});

it('tells the facts of a request together with its request id and trace', async () => {
  const users = await startUsers();
  onTestFinished(users.stop);
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const headers = { 'x-request-id': 'my-request', traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
  const answered = await ask('GET', `${users.url}/api/users/1`, { headers });
  expect(answered.headers.get('x-request-id')).toBe('my-request');
  await ask('POST', `${users.url}/api/users`, { body: { username: 'dana', email: 'dana@example.com' } });
  await expect.poll(() => users.logged.filter(({ msg }) => msg === 'request answered')).toHaveLength(2);
  expect(users.logged.find((line) => line['request_id'] === 'my-request')).toMatchObject({
    level: 'info',
    service: 'users',
    method: 'GET',
    path: '/api/users/1',
    endpoint: '/api/users/{id}',
    status: 200,
    ms: expect.any(Number),
    trace_id: traceId,
    span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
  });
  expect(users.logText()).not.toContain('dana@example.com');
});
