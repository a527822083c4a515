import { countSetting, runService } from '../kit/index.ts';
import { createProductsApp } from './app.ts';

void runService({
  name: 'products',
  defaults: {
    port: 8003,
    latency: 'normal(80ms, 16ms)',
    failureRate: '0%',
    upstreams: {},
    optionalUpstreams: ['inventory', 'orders'],
    routeLatencies: { 'GET /search': 'normal(200ms, 40ms)' },
    settings: { FIRST_PRODUCT_ID: countSetting(1) },
  },
  create: createProductsApp,
});
