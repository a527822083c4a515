import { runService } from '../kit/index.ts';
import { createOrdersApp } from './app.ts';

await runService({
  name: 'orders',
  defaults: {
    port: 8005,
    latency: 'normal(300ms, 60ms)',
    failureRate: '0%',
    upstreams: { users: 'http://127.0.0.1:8001' },
    // What a checkout takes; orders that are only written down need none of it.
    optionalUpstreams: ['cart', 'products', 'inventory', 'payments'],
  },
  create: createOrdersApp,
});
