import { describe, expect, it } from 'vitest';
import { ask } from '../ask.ts';
import { gatewayBefore } from './start-gateway.ts';

const shop = 'http://localhost:3000';

async function gatewayFor(corsOrigins: readonly string[]) {
  let asked = 0;
  const gateway = await gatewayBefore(
    'cart',
    (_request, response) => {
      asked += 1;
      response.end('{}');
    },
    { corsOrigins, rateLimit: 1 },
  );
  return { url: `${gateway.url}/cart`, asked: () => asked };
}

const preflight = (origin: string) => ({
  headers: {
    origin,
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'authorization,content-type',
  },
});

describe('a page of another origin', () => {
  it('learns before it asks that it may, at no cost to the service or the limit', async () => {
    const { url, asked } = await gatewayFor([shop]);
    for (const _time of [1, 2]) {
      const { status, headers } = await ask('OPTIONS', url, preflight(shop));
      expect(status).toBe(204);
      expect(headers.get('access-control-allow-origin')).toBe(shop);
      expect(headers.get('access-control-allow-methods')).toContain('PUT');
      expect(headers.get('access-control-allow-headers')).toBe('authorization,content-type');
    }
    expect(asked()).toBe(0);
  });

  it('may read answers, refusals too', async () => {
    const { url } = await gatewayFor([shop]);
    for (const status of [200, 429]) {
      const answered = await ask('GET', url, { headers: { origin: shop } });
      expect(answered.status).toBe(status);
      expect(answered.headers.get('access-control-allow-origin')).toBe(shop);
      expect(answered.headers.get('vary')).toContain('Origin');
      expect(answered.headers.get('access-control-expose-headers')).toContain('Retry-After');
    }
  });

  it('may not when its origin is not listed', async () => {
    const { url } = await gatewayFor([shop]);
    const answered = await ask('OPTIONS', url, preflight('https://elsewhere.example'));
    expect(answered.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('may not when no origin is listed', async () => {
    const { url } = await gatewayFor([]);
    expect(
      (await ask('GET', url, { headers: { origin: shop } })).headers.get('access-control-allow-origin'),
    ).toBeNull();
  });

  it('may be any page when all origins are listed', async () => {
    const { url } = await gatewayFor(['*']);
    const { headers } = await ask('GET', url, { headers: { origin: shop } });
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });
});
