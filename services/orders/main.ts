import { durationSetting, runService } from '../kit/index.ts';
import { createOrdersApp } from './app.ts';

void runService({
  name: 'orders',
  defaults: {
    port: 8005,
    latency: 'normal(300ms, 60ms)',
    failureRate: '0%',
    upstreams: {},
    // A shop may do without any of them; who asks for what it then cannot do is told so.
    optionalUpstreams: ['users', 'cart', 'products', 'inventory', 'payments'],
    settings: {
      CHECKOUT_TIMEOUT: durationSetting('60s'),
      CHECKOUT_PATIENCE: durationSetting('1s'),
    },
  },
  create: createOrdersApp,
});
