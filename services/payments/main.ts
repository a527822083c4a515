import { runService } from '../kit/index.ts';
import { createPaymentsApp } from './app.ts';

await runService({
  name: 'payments',
  defaults: {
    port: 8006,
    latency: 'normal(500ms, 80ms)',
    failureRate: '3%',
    upstreams: { users: 'http://127.0.0.1:8001', orders: 'http://127.0.0.1:8005' },
  },
  create: createPaymentsApp,
});
