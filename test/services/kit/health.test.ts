import { expect, it, onTestFinished } from 'vitest';
import { ask } from '../ask.ts';
import { startOrders, startUsers } from '../start-shop.ts';

it('health names a dependency that is gone and stays 200, while the service itself is ready', async () => {
  const users = await startUsers();
  const orders = await startOrders({ upstreams: { users: users.url } });
  onTestFinished(orders.stop);
  const before = await ask('GET', `${orders.url}/health`);
  expect(before.body).toMatchObject({
    name: 'orders',
    status: 'healthy',
    dependencies: { database: 'available', users: 'available' },
  });
  await users.stop();
  const after = await ask('GET', `${orders.url}/health`);
  expect(after.status).toBe(200);
  expect(after.body).toMatchObject({
    status: 'degraded',
    dependencies: { database: 'available', users: 'unavailable' },
  });
  expect((await ask('GET', `${orders.url}/healthz`)).status).toBe(200);
  expect((await ask('GET', `${orders.url}/metrics`)).text).toContain(
    'service_dependency_up{dependency="users"} 0',
  );
});

it('a stopping service is alive but not ready', async () => {
  const users = await startUsers();
  onTestFinished(users.stop);
  users.app.beginStop();
  const ready = await ask('GET', `${users.url}/healthz`);
  expect(ready.status).toBe(503);
  expect(ready.body['type']).toBe('urn:shop:problem:stopping');
  expect((await ask('GET', `${users.url}/livez`)).status).toBe(200);
});

it('metrics count by route template, never by the path that was asked', async () => {
  const users = await startUsers();
  onTestFinished(users.stop);
  await ask('GET', `${users.url}/api/users/1`);
  await ask('GET', `${users.url}/api/users/nobody`);
  await ask('GET', `${users.url}/no/such/place`);
  const { text } = await ask('GET', `${users.url}/metrics`);
  expect(text).toContain('http_requests_total{method="GET",endpoint="/api/users/{id}",status="200"} 1');
  expect(text).toContain('http_requests_total{method="GET",endpoint="/api/users/{id}",status="404"} 1');
  expect(text).toContain('http_requests_total{method="GET",endpoint="unmatched",status="404"} 1');
  expect(text).toContain('http_request_duration_seconds_count{method="GET",endpoint="/api/users/{id}"} 2');
  expect(text).toContain('service_up{service="users"} 1');
  expect(text).not.toContain('nobody');
});
