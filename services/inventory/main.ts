import { countSetting, durationSetting, runService } from '../kit/index.ts';
import { createInventoryApp } from './app.ts';

void runService({
  name: 'inventory',
  defaults: {
    port: 8007,
    latency: 'normal(30ms, 6ms)',
    failureRate: '0%',
    upstreams: {},
    settings: {
      RESERVATION_TTL: durationSetting('15m'),
      FIRST_PRODUCT_ID: countSetting(1),
    },
  },
  create: createInventoryApp,
});
