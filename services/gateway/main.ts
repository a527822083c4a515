import { runService } from '../kit/index.ts';
import { createGatewayApp } from './app.ts';
import { readSettings } from './settings.ts';

void runService({
  name: 'gateway',
  defaults: { port: 8000, latency: 'constant(0ms)', failureRate: '0%', upstreams: {} },
  create: (parts) => createGatewayApp(parts, readSettings(process.env)),
});
