import { describe, expect, it } from 'vitest';
import type { GatewaySettings } from '../../../services/gateway/settings.ts';
import { ask } from '../ask.ts';
import { gatewayBefore } from './start-gateway.ts';

const limited = (changes: Partial<GatewaySettings>) =>
  gatewayBefore('products', (_request, response) => void response.end('{}'), changes);

async function statuses(url: string, times: number, headers: Record<string, string> = {}): Promise<number[]> {
  const seen: number[] = [];
  for (let time = 0; time < times; time += 1) seen.push((await ask('GET', url, { headers })).status);
  return seen;
}

describe('the limit of requests', () => {
  it('lets that many through in a minute, and refuses the next with Retry-After', async () => {
    const gateway = await limited({ rateLimit: 3 });
    expect(await statuses(`${gateway.url}/products`, 3)).toEqual([200, 200, 200]);
    const refused = await ask('GET', `${gateway.url}/products`);
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({
      type: 'urn:shop:problem:too-many-requests',
      status: 429,
      instance: '/products',
    });
    const retryAfter = Number(refused.headers.get('retry-after'));
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(60);
  });

  it('tells on every answer what is left', async () => {
    const gateway = await limited({ rateLimit: 3 });
    const { headers } = await ask('GET', `${gateway.url}/products`);
    expect(headers.get('ratelimit-limit')).toBe('3');
    expect(headers.get('ratelimit-remaining')).toBe('2');
    expect(Number(headers.get('ratelimit-reset'))).toBeLessThanOrEqual(60);
  });

  it('counts paths that do not exist, and not what the gateway tells of itself', async () => {
    const gateway = await limited({ rateLimit: 1 });
    expect(await statuses(`${gateway.url}/healthz`, 3)).toEqual([200, 200, 200]);
    expect(await statuses(`${gateway.url}/nowhere`, 2)).toEqual([404, 429]);
  });

  it('is not got round by claiming another address', async () => {
    const gateway = await limited({ rateLimit: 1 });
    await statuses(`${gateway.url}/products`, 1, { 'x-forwarded-for': '203.0.113.1' });
    expect(await statuses(`${gateway.url}/products`, 1, { 'x-forwarded-for': '203.0.113.2' })).toEqual([429]);
  });

  it('counts load keys from this machine apart where they are trusted', async () => {
    const gateway = await limited({ rateLimit: 1, trustsLoadKey: true });
    expect(await statuses(`${gateway.url}/products`, 2, { 'x-load-key': 'a' })).toEqual([200, 429]);
    expect(await statuses(`${gateway.url}/products`, 1, { 'x-load-key': 'b' })).toEqual([200]);
  });

  it('does not care for load keys where they are not trusted', async () => {
    const gateway = await limited({ rateLimit: 1 });
    await statuses(`${gateway.url}/products`, 1, { 'x-load-key': 'a' });
    expect(await statuses(`${gateway.url}/products`, 1, { 'x-load-key': 'b' })).toEqual([429]);
  });

  it('can be switched off', async () => {
    const gateway = await limited({ rateLimit: 0 });
    const { status, headers } = await ask('GET', `${gateway.url}/products`);
    expect(status).toBe(200);
    expect(headers.get('ratelimit-limit')).toBeNull();
  });
});
