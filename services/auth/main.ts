import { runService, serviceSecret } from '../kit/index.ts';
import { createAuthApp } from './app.ts';
import { isPrivateKey } from './keys.ts';
import { tokenLife } from './token-life.ts';

void runService({
  name: 'auth',
  defaults: {
    port: 8002,
    latency: 'normal(30ms, 6ms)',
    failureRate: '0%',
    upstreams: {},
    settings: {
      SERVICE_SECRET: serviceSecret,
      ACCESS_TOKEN_TTL: tokenLife,
      AUTH_PRIVATE_KEY: {
        fallback: '',
        expected: 'an Ed25519 private key as a JWK (RFC 8037)',
        accepts: (text) => text === '' || isPrivateKey(text),
        isSecret: true,
      },
    },
  },
  create: createAuthApp,
});
