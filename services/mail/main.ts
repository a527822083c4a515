import { portSetting, rangeSetting, runService } from '../kit/index.ts';
import { createMailApp } from './app.ts';

void runService({
  name: 'mail',
  defaults: {
    port: 8025,
    latency: 'constant(0ms)',
    failureRate: '0%',
    upstreams: {},
    settings: {
      SMTP_PORT: portSetting(1025),
      MAX_MESSAGE_MB: rangeSetting(5, 1, 10, 'megabytes'),
      KEEP_MESSAGES: rangeSetting(1_000, 1, 100_000, 'messages'),
    },
  },
  create: createMailApp,
});
