import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from '../../services/kit/app/index.ts';
import { type Clock, systemClock } from '../../services/kit/clock.ts';
import { type Contract, loadContract } from '../../services/kit/contract/index.ts';
import { createIdentity } from '../../services/kit/identity/index.ts';
import { createIds } from '../../services/kit/ids.ts';
import { listen } from '../../services/kit/listen.ts';
import { createLogger } from '../../services/kit/log.ts';
import { seededRandom } from '../../services/kit/random.ts';
import type { ServiceParts } from '../../services/kit/run-service.ts';
import type { ServerCertificate } from '../../services/kit/tls.ts';
import { forgetPlace, placeIn } from './databases.ts';

/** Waits as the system clock does, but never long: retries and back-offs come at once. */
const hastyClock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 5), signal),
};

export interface RunningService {
  app: App;
  url: string;
  /** Everything it has logged so far, parsed. */
  logged: Record<string, unknown>[];
  logText(): string;
  stop(): Promise<void>;
}

export type StartOptions = Partial<ServiceParts> & {
  /** Where its data is, to start again on the same; otherwise it has a folder of its own. */
  folder?: string;
  /** With it the service speaks HTTPS. */
  certificate?: ServerCertificate;
};

/** A real service on a free port with an SQLite file, or a PostgreSQL database where the tests run on one. */
export async function startService(
  name: string,
  create: (parts: ServiceParts) => Promise<App>,
  options: StartOptions = {},
): Promise<RunningService> {
  const { auth, trust, certificate } = options;
  const folder = options.folder ?? (await temporaryFolder());
  const place = placeIn(folder, name);
  const lines: string[] = [];
  const log = createLogger(name, 'debug', { write: (line) => lines.push(line) });
  const random = seededRandom('test');
  const app = await create({
    ...createIdentity({ service: name, auth, clock: hastyClock, random, trust, tracer: options.tracer }),
    ...place,
    contract: await contractOf(name),
    log,
    tracer: undefined,
    clock: hastyClock,
    random,
    newId: createIds('sequence', hastyClock),
    seed: 'test',
    simulation: undefined,
    takesFaults: false,
    trust,
    upstreams: {},
    bus: undefined,
    settings: {},
    ...options,
  });
  const listening = await listen({ app, host: '127.0.0.1', port: 0, log, certificate });
  return {
    app,
    url: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${listening.port}`,
    get logged() {
      return lines.map((line) => JSON.parse(line));
    },
    logText: () => lines.join(''),
    stop: async () => {
      await listening.stop(2_000);
      if (options.folder !== undefined) return;
      await rm(folder, { recursive: true });
      await forgetPlace(place);
    },
  };
}

const contracts = new Map<string, Promise<Contract>>();

/** Read once for all tests of this process: to read the YAML takes longer than most tests, and nobody changes it. */
function contractOf(name: string): Promise<Contract> {
  const contract = contracts.get(name) ?? loadContract(name, undefined);
  contracts.set(name, contract);
  return contract;
}

export async function temporaryFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), 'shop-'));
}
