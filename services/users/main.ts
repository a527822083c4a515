import { runService } from '../kit/index.ts';
import { createUsersApp } from './app.ts';

void runService({
  name: 'users',
  defaults: {
    port: 8001,
    latency: 'normal(100ms, 20ms)',
    failureRate: '0%',
    upstreams: {},
    settings: {
      SEED_USERS: {
        fallback: 'full',
        expected: '"balances" (three users) or "full" (eleven)',
        accepts: (text) => ['balances', 'full'].includes(text),
      },
      PASSWORD_COST: {
        fallback: '15',
        expected: 'a whole number from 10 to 20: a password hash takes 2 to the power of it steps',
        accepts: (text) => /^(1\d|20)$/.test(text),
      },
    },
  },
  create: createUsersApp,
});
