import { durationSetting, rangeSetting, runService } from '../kit/index.ts';
import { createAnalyticsApp } from './app.ts';

void runService({
  name: 'analytics',
  defaults: {
    port: 8009,
    latency: 'constant(0ms)',
    failureRate: '0%',
    upstreams: {},
    settings: {
      LIVE_CLIENTS: rangeSetting(100, 1, 10_000, 'connections'),
      LIVE_BUFFER_KB: rangeSetting(256, 1, 16_384, 'kilobytes'),
      LIVE_HEARTBEAT: durationSetting('30s'),
    },
  },
  create: createAnalyticsApp,
});
