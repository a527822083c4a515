import { describe, expect, it } from 'vitest';
import { readSettings } from '../../../services/gateway/settings.ts';

describe('the settings of the gateway', () => {
  it('have defaults that are safe', () => {
    expect(readSettings({})).toEqual({
      services: {},
      rateLimit: 100,
      trustsLoadKey: false,
      corsOrigins: [],
      timeoutMs: 10_000,
      breakerResetMs: 5_000,
    });
  });

  it('know the services by their own names and by those of the shop stack', () => {
    const { services } = readSettings({
      CATALOG_SERVICE_URL: 'http://localhost:8001/',
      CART_URL: 'http://localhost:1',
      CART_SERVICE_URL: 'http://localhost:2',
      AUTH_URL: '',
    });
    expect(services).toEqual({ products: 'http://localhost:8001', cart: 'http://localhost:1' });
  });

  it('are read', () => {
    const settings = readSettings({
      RATE_LIMIT: '0',
      TRUST_LOAD_KEY: 'on',
      CORS_ORIGINS: 'http://localhost:3000, https://shop.example',
      UPSTREAM_TIMEOUT: '1.5s',
      BREAKER_RESET: '200ms',
    });
    expect(settings).toMatchObject({
      rateLimit: 0,
      trustsLoadKey: true,
      corsOrigins: ['http://localhost:3000', 'https://shop.example'],
      timeoutMs: 1_500,
      breakerResetMs: 200,
    });
  });

  it('are refused together, each with what it must be', () => {
    const bad = {
      USERS_URL: 'localhost',
      RATE_LIMIT: 'many',
      TRUST_LOAD_KEY: 'yes',
      CORS_ORIGINS: 'http://localhost:3000/app',
      UPSTREAM_TIMEOUT: '0s',
      BREAKER_RESET: 'soon',
    };
    let sentences: unknown;
    try {
      readSettings(bad);
    } catch (error) {
      expect(error).toMatchObject({ exitCode: 2 });
      sentences = Object(error).sentences;
    }
    expect(sentences).toHaveLength(6);
    for (const [name, value] of Object.entries(bad)) {
      expect(sentences).toContainEqual(expect.stringContaining(`${name} is "${value}", but must be`));
    }
  });
});
