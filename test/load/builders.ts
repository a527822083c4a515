import type {
  LoadProfile,
  LoadRequest,
  Project,
  SaturateProfile,
  ServiceSpec,
} from '../../src/config/index.ts';
import { type LoadRun, prepareLoad, runLoad } from '../../src/load/index.ts';
import type { LoadResult } from '../../src/model/index.ts';
import { parseSource } from '../../src/source/index.ts';

/** The generator is a program of its own: tests run the built one. */
export const generatorFile = new URL('../../dist/src/load/executors/saturate/generator.js', import.meta.url);

export function request(over: Partial<LoadRequest> = {}): LoadRequest {
  return {
    name: 'list',
    weight: 1,
    method: 'GET',
    url: '${users}/api/users',
    headers: {},
    expectStatus: [],
    ...over,
  };
}

export function profile(over: Partial<SaturateProfile> = {}): SaturateProfile {
  return {
    name: 'steady',
    executor: 'saturate',
    // Long enough for something to happen on a busy machine, where it may be most of a second before anything does.
    durationMs: 1_500,
    warmupMs: 0,
    connections: 4,
    processes: 1,
    timeoutMs: 5_000,
    requests: [request()],
    thresholds: [],
    ...over,
  };
}

export function service(name: string, port: number): ServiceSpec {
  return {
    kind: 'foreign',
    name,
    url: `http://127.0.0.1:${port}`,
    needs: [],
    ready: { probe: { kind: 'tcp' }, timeoutMs: 10_000, everyMs: 50 },
    required: true,
  };
}

export function project(services: readonly ServiceSpec[], profiles: readonly LoadProfile[]): Project {
  const load = Object.fromEntries(profiles.map(({ name, thresholds }) => [name, { thresholds }]));
  return {
    name: 'test',
    root: '/nowhere',
    stateDir: '/nowhere/.shopctl',
    hasFreshData: false,
    dataDir: '/nowhere/.shopctl/data',
    topology: 'default',
    services,
    suites: { e2e: [] },
    load: new Map(profiles.map((one) => [one.name, one])),
    source: parseSource('e2e.config.yaml', JSON.stringify({ load }, undefined, 2)),
  };
}

/** Prepares and drives a profile against one server, known to it as `users`. */
export async function drive(
  port: number,
  over: Partial<SaturateProfile> = {},
  run: Partial<LoadRun> = {},
): Promise<LoadResult> {
  const one = profile(over);
  const prepared = await prepareLoad({
    project: project([service('users', port)], [one]),
    profile: one,
    env: {},
    cwd: '/nowhere',
  });
  return runLoad(prepared, {
    seed: 7,
    signal: new AbortController().signal,
    onSecond: () => undefined,
    generatorFile,
    ...run,
  });
}
