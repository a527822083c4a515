import { createServer, type RequestListener } from 'node:http';
import { onTestFinished } from 'vitest';
import { createGatewayApp } from '../../../services/gateway/app.ts';
import type { ServiceName } from '../../../services/gateway/routing-table.ts';
import type { GatewaySettings } from '../../../services/gateway/settings.ts';
import { type RunningService, type StartOptions, startService } from '../start-service.ts';

const settings: GatewaySettings = {
  services: {},
  rateLimit: 0,
  trustsLoadKey: false,
  corsOrigins: [],
  timeoutMs: 5_000,
  breakerResetMs: 60_000,
};

/** A gateway for the length of one test. */
export async function startGateway(
  changes: Partial<GatewaySettings>,
  options: StartOptions = {},
): Promise<RunningService> {
  const gateway = await startService(
    'gateway',
    (parts) => createGatewayApp(parts, { ...settings, ...changes }),
    options,
  );
  onTestFinished(gateway.stop);
  return gateway;
}

export interface FakeService {
  url: string;
  /** Ends it before the test does. */
  stop(): Promise<void>;
}

/** Stands for a service behind the gateway, for the length of one test. */
export async function startFake(listener: RequestListener, port = 0): Promise<FakeService> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(stop);
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`, stop };
}

/** A gateway before one fake service. */
export async function gatewayBefore(
  service: ServiceName,
  listener: RequestListener,
  changes: Partial<GatewaySettings> = {},
): Promise<RunningService> {
  const { url } = await startFake(listener);
  return await startGateway({ ...changes, services: { [service]: url } });
}
