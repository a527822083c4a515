import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createFindRoute } from '../../../services/gateway/find-route.ts';
import { routingTable, type ServiceName } from '../../../services/gateway/routing-table.ts';
import { ask } from '../ask.ts';
import { gatewayBefore, startFake, startGateway } from './start-gateway.ts';

const findRoute = createFindRoute(routingTable);

describe('the routing table', () => {
  it.each<[string, ServiceName, string]>([
    ['/api/users', 'users', '/api/users'],
    ['/api/users/7', 'users', '/api/users/7'],
    ['/api/users/7/balance', 'users', '/api/users/7/balance'],
    ['/api/users/7/orders', 'orders', '/api/users/7/orders'],
    ['/api/users/7/payments', 'payments', '/api/users/7/payments'],
    ['/api/checkout', 'orders', '/checkout'],
    ['/api/orders/1/status', 'orders', '/api/orders/1/status'],
    ['/api/payments', 'payments', '/api/payments'],
    ['/api/refund', 'payments', '/api/refund'],
    ['/api/auth/refresh', 'auth', '/refresh'],
    ['/api/auth/.well-known/jwks.json', 'auth', '/.well-known/jwks.json'],
    ['/api/auth/login', 'users', '/login'],
    ['/catalog/123', 'products', '/catalog/123'],
    ['/products', 'products', '/products'],
    ['/search', 'products', '/search'],
    ['/recommendations', 'products', '/recommendations'],
    ['/cart/add', 'cart', '/cart/add'],
    ['/orders/1/cancel', 'orders', '/orders/1/cancel'],
    ['/payment/process', 'payments', '/payment/process'],
    ['/inventory/1', 'inventory', '/inventory/1'],
    ['/api/notifications', 'notifications', '/notifications'],
    ['/api/notifications/7/retry', 'notifications', '/notifications/7/retry'],
    ['/api/notifications/templates/1/preview', 'notifications', '/templates/1/preview'],
    ['/api/analytics/metrics/orders', 'analytics', '/metrics/orders'],
    ['/api/analytics/revenue', 'analytics', '/revenue'],
    ['/login', 'users', '/login'],
    ['/profile', 'users', '/profile'],
    ['/sessions/1', 'users', '/sessions/1'],
  ])('sends %s to %s as %s: the longest path wins', (path, service, upstreamPath) => {
    const route = findRoute(path);
    expect({ service: route?.entry.service, upstreamPath: route?.upstreamPath }).toEqual({
      service,
      upstreamPath,
    });
  });

  it.each([
    '/productsets',
    '/api',
    '/api/auth/internal/create-token',
    '/api/auth/_simulate',
    '/_simulate',
    '/api/analytics/metrics',
    '/api/analytics/_simulate',
    '/products/../internal/create-token',
    '/products/%2e%2E/internal/create-token',
    '/catalog/.',
  ])('does not cover %s', (path) => {
    expect(findRoute(path)).toBeUndefined();
  });
});

/** Answers with what arrived. */
function echo(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ url: request.url }));
}

describe('the gateway', () => {
  it('passes path and query on as they were sent', async () => {
    const gateway = await gatewayBefore('products', echo);
    const { body } = await ask('GET', `${gateway.url}/search?q=a%20b&q=%2F&page=2`);
    expect(body).toEqual({ url: '/search?q=a%20b&q=%2F&page=2' });
  });

  it('keeps the path of an address below which a service lives', async () => {
    const { url } = await startFake(echo);
    const gateway = await startGateway({ services: { products: `${url}/shop` } });
    expect((await ask('GET', `${gateway.url}/products/1`)).body).toEqual({ url: '/shop/products/1' });
  });

  it('has no routes for services without an address', async () => {
    const gateway = await gatewayBefore('products', echo);
    const answered = await ask('GET', `${gateway.url}/cart`);
    expect(answered.status).toBe(404);
    expect(answered.body).toMatchObject({ type: 'urn:shop:problem:unknown-route', instance: '/cart' });
  });

  it('lets stock be read and nothing else', async () => {
    const gateway = await gatewayBefore('inventory', echo);
    expect((await ask('GET', `${gateway.url}/inventory/1`)).status).toBe(200);
    const refused = await ask('POST', `${gateway.url}/inventory/reserve`, { body: {} });
    expect(refused.status).toBe(405);
    expect(refused.headers.get('allow')).toBe('GET, HEAD');
  });

  it('tells its routes and the health of what stands behind it', async () => {
    const products = await startFake((_request, response) => void response.end('{}'));
    const cart = await startFake((_request, response) => void response.writeHead(503).end('{}'));
    const gateway = await startGateway({ services: { products: products.url, cart: cart.url } });
    const about = await ask('GET', gateway.url);
    expect(about.body['routes']).toContainEqual({ path: '/catalog', service: 'products' });
    expect((await ask('GET', `${gateway.url}/health`)).body).toMatchObject({
      name: 'gateway',
      status: 'degraded',
      dependencies: { products: 'available', cart: 'unavailable' },
    });
    expect((await ask('GET', `${gateway.url}/healthz`)).status).toBe(200);
  });

  it('counts what it passes on under its route, so that ids never become label values', async () => {
    const gateway = await gatewayBefore('products', echo);
    await ask('GET', `${gateway.url}/products/7`);
    const { text } = await ask('GET', `${gateway.url}/metrics`);
    expect(text).toContain('http_requests_total{method="GET",endpoint="/products/**",status="200"} 1');
  });
});
