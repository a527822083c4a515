import { runService } from '../kit/index.ts';
import { createPaymentsApp } from './app.ts';

void runService({
  name: 'payments',
  defaults: {
    port: 8006,
    latency: 'normal(500ms, 80ms)',
    failureRate: '3%',
    upstreams: {},
    // What payments from a balance take; a shop without them is paid by card.
    optionalUpstreams: ['users', 'orders'],
    routeLatencies: { 'CONSUME order.created': 'constant(1s)' },
  },
  create: createPaymentsApp,
});
