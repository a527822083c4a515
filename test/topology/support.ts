import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { ForeignService, OwnService, ServiceSpec } from '../../src/config/project.ts';
import { ShopctlError } from '../../src/errors/index.ts';
import type { ServiceEvent } from '../../src/model/index.ts';
import { type Clock, systemClock } from '../../src/topology/clock.ts';
import type { TopologyPlan } from '../../src/topology/plan.ts';
import { processTable } from '../../src/topology/platform.ts';
import { isErrno } from '../../src/topology/process-group.ts';
import type { RunningTopology, StartOptions } from '../../src/topology/running-topology.ts';
import { startTopology } from '../../src/topology/start-topology.ts';

export { freePort, freePorts } from '../free-ports.ts';

const built = new URL('../../dist/src/topology/', import.meta.url);
const bundles = new URL('../../dist/cli/code/', import.meta.url);
export const programs = {
  supervisor: new URL('supervisor-main.js', built),
  watchdog: new URL('watchdog-main.cjs', bundles),
  startTopology: new URL('start-topology.js', built),
};

export const fixture = (name: string) =>
  fileURLToPath(new URL(`../fixtures/processes/${name}`, import.meta.url));

/** A service that runs a fixture program; HTTP-ready on `/` when it has a port. */
export function own(
  name: string,
  program: string,
  { timeoutMs = 30_000, ...facts }: Partial<OwnService> & { timeoutMs?: number } = {},
): OwnService {
  return {
    kind: 'own',
    name,
    needs: [],
    required: true,
    command: [program.endsWith('.sh') ? 'sh' : process.execPath, fixture(program)],
    cwd: fixture(''),
    env: {},
    stopGraceMs: 5_000,
    ready: {
      probe: facts.port === undefined ? { kind: 'running' } : { kind: 'http', path: '/' },
      everyMs: 10,
      timeoutMs,
    },
    ...facts,
  };
}

export function foreign(name: string, url: string, timeoutMs = 30_000): ForeignService {
  return {
    kind: 'foreign',
    name,
    url,
    needs: [],
    required: true,
    ready: { probe: { kind: 'http', path: '/' }, everyMs: 10, timeoutMs },
  };
}

export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'shopctl-topology-')));
  onTestFinished(() => until('the folder is gone', () => isRemoved(folder)));
  return folder;
}

export function planOf(services: readonly ServiceSpec[], root: string = temporaryFolder()): TopologyPlan {
  return { name: 'trial', root, stateDir: join(root, '.shopctl'), topology: 'all', services };
}

/** A watchdog whose supervisor was killed may be writing there, between a look and the removal of what was seen. */
function isRemoved(folder: string): boolean {
  try {
    rmSync(folder, { recursive: true, force: true });
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOTEMPTY')) return false;
    throw error;
  }
}

export async function listenOn(port: number, host = '127.0.0.1') {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => resolve());
  });
  const address = server.address();
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, close };
}

export interface Trial {
  readonly plan: TopologyPlan;
  readonly events: ServiceEvent[];
  readonly abort: AbortController;
  readonly hurry: AbortController;
  /** Resolves to the running topology, which is stopped at the end of the test. */
  start(): Promise<RunningTopology>;
  /** The error that the start ends with. */
  startError(): Promise<ShopctlError>;
  /** The events as `type service`, log lines left out. */
  story(): string[];
}

export function trial(
  services: readonly ServiceSpec[],
  root?: string,
  clock: Clock = systemClock,
  more: Pick<StartOptions, 'adopt'> = {},
): Trial {
  const plan = planOf(services, root);
  const events: ServiceEvent[] = [];
  const abort = new AbortController();
  const hurry = new AbortController();
  const start = async () => {
    const running = await startTopology(plan, {
      signal: abort.signal,
      hurry: hurry.signal,
      watchdog: programs.watchdog,
      clock,
      ...more,
      onEvent: (event) => {
        events.push(event);
      },
    });
    onTestFinished(async () => {
      await running.stop();
    });
    return running;
  };
  return {
    plan,
    events,
    abort,
    hurry,
    start,
    startError: () => errorFrom(start()),
    story: () => events.flatMap((e) => (e.type === 'log-lines' ? [] : [`${e.type} ${e.service}`])),
  };
}

export async function errorFrom(promise: Promise<unknown>): Promise<ShopctlError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ShopctlError) return error;
    throw error;
  }
  throw new Error('it was expected to fail and did not');
}

/** Waits for a condition, not for a time. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`waited in vain until ${what}`);
    await sleep(5);
  }
}

/** A process that has ended and that nobody has collected yet does not run. */
export async function isRunning(pid: number): Promise<boolean> {
  const entry = await processTable().find(pid);
  return entry !== undefined && !entry.zombie;
}

export async function living(pids: readonly number[]): Promise<number[]> {
  const all = await Promise.all(pids.map(async (pid) => ((await isRunning(pid)) ? [pid] : [])));
  return all.flat();
}

/** The event of this type of a service. @throws when there is none */
export function eventOf<T extends ServiceEvent['type']>(
  events: readonly ServiceEvent[],
  type: T,
  service: string,
): Extract<ServiceEvent, { type: T }> {
  const isIt = (event: ServiceEvent): event is Extract<ServiceEvent, { type: T }> =>
    event.type === type && event.service === service;
  const found = events.find(isIt);
  if (found === undefined) throw new Error(`there is no ${type} of ${service}`);
  return found;
}

/** Pid of a service that has one. */
export function pidOf(running: RunningTopology, service: string): number {
  const pid = running.services().find(({ name }) => name === service)?.pid;
  if (pid === undefined) throw new Error(`${service} has no pid`);
  return pid;
}
