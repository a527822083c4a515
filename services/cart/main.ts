import { runService } from '../kit/index.ts';
import { createCartApp } from './app.ts';

void runService({
  name: 'cart',
  defaults: {
    port: 8004,
    latency: 'normal(60ms, 12ms)',
    failureRate: '0%',
    upstreams: { products: 'http://127.0.0.1:8003' },
    // A shop may sell without accounts.
    optionalUpstreams: ['users'],
  },
  create: createCartApp,
});
