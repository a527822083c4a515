import { runService } from '../kit/index.ts';
import { createMonolithApp } from './app.ts';

void runService({
  name: 'monolith',
  defaults: {
    port: 8010,
    latency: 'constant(0ms)',
    failureRate: '0%',
    upstreams: {},
    settings: {
      SMTP_URL: {
        fallback: 'smtp://127.0.0.1:1025',
        expected: 'the address of an SMTP server such as "smtp://127.0.0.1:1025"',
        accepts: (text) => URL.canParse(text) && ['smtp:', 'smtps:'].includes(new URL(text).protocol),
        // It may hold a password.
        isSecret: true,
      },
      PASSWORD_COST: {
        fallback: '15',
        expected: 'a whole number from 10 to 20: a password hash takes 2 to the power of it steps',
        accepts: (text) => /^(1\d|20)$/.test(text),
      },
    },
  },
  create: createMonolithApp,
});
