import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../../services/kit/clock.ts';
import { noFaults } from '../../../../services/kit/simulation/faults.ts';
import { type Latency, parseLatency } from '../../../../services/kit/simulation/latency.ts';
import type { Faults, Simulation } from '../../../../services/kit/simulation/simulation.ts';
import { createSimulator } from '../../../../services/kit/simulation/simulator.ts';

const never = new AbortController().signal;
const work = async () => 'done';
const read = { method: 'GET', path: '/orders/{id}' };
const search = { method: 'GET', path: '/search' };
const write = { method: 'POST', path: '/orders' };
const remove = { method: 'DELETE', path: '/orders/{id}' };
const endpoints = [read, search, write, remove];

interface Course {
  /** The latencies in milliseconds, in the order of the requests. */
  sleptMs: number[];
  /** The numbers of the requests that failed, from 0. */
  failures: number[];
}

/** A simulator whose clock only notes how long it was asked to sleep. */
function trial(
  simulation: Simulation | undefined,
  { seed = '1/payments', clock: given }: { seed?: string; clock?: Clock } = {},
) {
  const slept: number[] = [];
  const clock: Clock = given ?? { now: () => 0, sleep: async (ms) => void slept.push(ms) };
  const counted = { failures: 0, delaySeconds: 0, faults: 0 };
  const simulator = createSimulator({
    simulation,
    clock,
    seed,
    takesFaults: true,
    endpoints,
    meter: {
      countSimulatedFailure: () => {
        counted.failures += 1;
      },
      countSimulatedDelay: (_endpoint, seconds) => {
        counted.delaySeconds += seconds;
      },
      setFaultCount: (count) => {
        counted.faults = count;
      },
    },
  });
  const course = async (requests: number, endpoint = write): Promise<Course> => {
    const before = slept.length;
    const failures: number[] = [];
    for (let request = 0; request < requests; request += 1) {
      await simulator
        .meet(endpoint)(never, work)
        .catch(() => failures.push(request));
    }
    return { sleptMs: slept.slice(before), failures };
  };
  return { simulator, course, counted };
}

const latencyOf = (text: string): Latency => {
  const latency = parseLatency(text);
  if (latency === undefined) throw new Error(`${text} is no latency`);
  return latency;
};
const normal = latencyOf('normal(100ms, 20ms)');
const constant = (ms: number): Latency => ({ kind: 'constant', ms });
const mean = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
const deviation = (numbers: number[]) => Math.sqrt(mean(numbers.map((one) => (one - mean(numbers)) ** 2)));
const forAll = (treatment: Omit<Faults, 'routes'>): Faults => ({ ...treatment, routes: new Map() });

describe('what a seed decides', () => {
  it('is the same on every run, and different for another seed or another service', async () => {
    const simulation = { latency: normal, failureRate: 0.1 };
    const first = await trial(simulation).course(300);
    expect(await trial(simulation).course(300)).toEqual(first);
    expect((await trial(simulation, { seed: '2/payments' }).course(300)).failures).not.toEqual(
      first.failures,
    );
    expect((await trial(simulation, { seed: '1/orders' }).course(300)).failures).not.toEqual(first.failures);
  });

  it('falls to the n-th request of an endpoint, whatever other endpoints are asked meanwhile', async () => {
    const simulation = { latency: normal, failureRate: 0.1 };
    const alone = await trial(simulation).course(200);
    const { simulator, course } = trial(simulation);
    const mixed: Course = { sleptMs: [], failures: [] };
    for (let request = 0; request < 200; request += 1) {
      await simulator
        .meet(request % 3 === 0 ? read : search)(never, work)
        .catch(() => undefined);
      const { sleptMs, failures } = await course(1);
      mixed.sleptMs.push(...sleptMs);
      if (failures.length > 0) mixed.failures.push(request);
    }
    expect(mixed).toEqual(alone);
  });

  it('differs from endpoint to endpoint', async () => {
    const { course } = trial({ latency: undefined, failureRate: 0.1 });
    expect((await course(300, write)).failures).not.toEqual((await course(300, read)).failures);
  });

  it('has failures that do not depend on the latency, and latencies that do not depend on the failure rate', async () => {
    const both = await trial({ latency: normal, failureRate: 0.1 }).course(200);
    expect((await trial({ latency: undefined, failureRate: 0.1 }).course(200)).failures).toEqual(
      both.failures,
    );
    expect((await trial({ latency: normal, failureRate: 1 }).course(200)).sleptMs).toEqual(both.sleptMs);
  });

  it('has at a higher rate the failures of a lower one among its own', async () => {
    const few = await trial({ latency: undefined, failureRate: 0.03 }).course(1_000);
    const many = await trial({ latency: undefined, failureRate: 0.5 }).course(1_000);
    expect(many.failures).toEqual(expect.arrayContaining(few.failures));
  });

  it('does not change because faults were set for a while', async () => {
    const simulation = { latency: normal, failureRate: 0.1 };
    const undisturbed = await trial(simulation).course(200);
    const { simulator, course } = trial(simulation);
    await course(50);
    simulator.setFaults(forAll({ latency: constant(5), failureRate: 1 }));
    await course(50);
    simulator.setFaults(noFaults);
    expect((await course(100)).sleptMs).toEqual(undisturbed.sleptMs.slice(100));
  });
});

describe('the documented latencies of the shop', () => {
  it.each([
    ['normal(30ms, 6ms)', 30, 6],
    ['normal(60ms, 12ms)', 60, 12],
    ['normal(80ms, 16ms)', 80, 16],
    ['normal(100ms, 20ms)', 100, 20],
    ['normal(200ms, 40ms)', 200, 40],
    ['normal(300ms, 60ms)', 300, 60],
    ['normal(500ms, 80ms)', 500, 80],
    ['uniform(20ms, 60ms)', 40, 40 / Math.sqrt(12)],
    ['uniform(30ms, 90ms)', 60, 60 / Math.sqrt(12)],
  ])(
    '%s has its mean within 2 %% and its spread within 5 %% over 10,000 requests',
    async (text, meanMs, deviationMs) => {
      const { sleptMs } = await trial({ latency: latencyOf(text), failureRate: 0 }).course(10_000);
      expect(Math.abs(mean(sleptMs) / meanMs - 1)).toBeLessThan(0.02);
      expect(Math.abs(deviation(sleptMs) / deviationMs - 1)).toBeLessThan(0.05);
      expect(Math.min(...sleptMs)).toBeGreaterThan(0);
    },
  );

  it('constant(1s) is one second every time', async () => {
    const { sleptMs } = await trial({ latency: latencyOf('constant(1s)'), failureRate: 0 }).course(100);
    expect(new Set(sleptMs)).toEqual(new Set([1_000]));
  });
});

describe('the failures', () => {
  it.each([endpoints])(
    'are 3 %% ± 1.5 over the first 1,000 requests with the default seed',
    async (endpoint) => {
      const { failures } = await trial({ latency: undefined, failureRate: 0.03 }).course(1_000, endpoint);
      expect(failures.length).toBeGreaterThanOrEqual(15);
      expect(failures.length).toBeLessThanOrEqual(45);
    },
  );

  it('come after the wait, and are counted with it', async () => {
    const { course, counted, simulator } = trial({ latency: constant(250), failureRate: 1 });
    expect(await course(4)).toEqual({ sleptMs: [250, 250, 250, 250], failures: [0, 1, 2, 3] });
    expect(counted).toEqual({ failures: 4, delaySeconds: 1, faults: 0 });
    expect(simulator.endpoints.find(({ endpoint }) => endpoint === write)).toMatchObject({
      requests: 4,
      failures: 4,
    });
  });
});

describe('the wait', () => {
  /** Serves one request 30 ms after it came, by work of 25 ms, and tells what happened when. */
  async function story(
    endpoint: typeof read,
    { latencyMs, failureRate = 0 }: { latencyMs: number; failureRate?: number },
  ) {
    let nowMs = 1_000;
    const told: string[] = [];
    const clock: Clock = {
      now: () => nowMs,
      sleep: async (ms) => {
        told.push(`waits ${ms}`);
        nowMs += ms;
      },
    };
    const { simulator } = trial({ latency: constant(latencyMs), failureRate }, { clock });
    const hold = simulator.meet(endpoint);
    nowMs += 30;
    const toDo = async () => {
      told.push('works');
      nowMs += 25;
    };
    await hold(never, toDo).catch(() => told.push('fails'));
    return [...told, `took ${nowMs - 1_000}`].join(', ');
  }

  it('of a read comes after its work, so that the answer takes as long as was drawn', async () => {
    expect(await story(read, { latencyMs: 80 })).toBe('works, waits 25, took 80');
  });

  it('of a write comes before its work, so that a caller who has left changes nothing', async () => {
    expect(await story(write, { latencyMs: 80 })).toBe('waits 50, works, took 105');
  });

  it('is none where the work takes longer', async () => {
    expect(await story(read, { latencyMs: 50 })).toBe('works, took 55');
    expect(await story(write, { latencyMs: 30 })).toBe('works, took 55');
  });

  it('of a failure is as long, and nothing is done', async () => {
    for (const endpoint of [read, write]) {
      expect(await story(endpoint, { latencyMs: 80, failureRate: 1 })).toBe('waits 50, fails, took 80');
    }
  });

  it('holds back an error of the work as it does an answer', async () => {
    const slept: number[] = [];
    const clock: Clock = { now: () => 0, sleep: async (ms) => void slept.push(ms) };
    const { simulator } = trial({ latency: constant(80), failureRate: 0 }, { clock });
    const failing = async () => {
      throw new Error('no such order');
    };
    await expect(simulator.meet(read)(never, failing)).rejects.toThrow('no such order');
    expect(slept).toEqual([80]);
  });
});

describe('what is in force', () => {
  const simulation: Simulation = {
    latency: constant(1),
    failureRate: 0,
    writes: { latency: constant(2), failureRate: 1 },
    routeLatencies: { 'GET /search': constant(3) },
  };
  const latencies = async ({ course }: ReturnType<typeof trial>) => {
    const found: (number | undefined)[] = [];
    for (const endpoint of [read, search, write, remove]) found.push((await course(1, endpoint)).sleptMs[0]);
    return found;
  };

  it('is what the settings say: for a route, for writes, for the service', async () => {
    const subject = trial(simulation);
    expect(await latencies(subject)).toEqual([1, 3, 2, 2]);
    expect((await subject.course(3, write)).failures).toEqual([0, 1, 2]);
    expect((await subject.course(3, read)).failures).toEqual([]);
  });

  it('is what was set by hand before that, and for a route before the service', async () => {
    const subject = trial(simulation);
    subject.simulator.setFaults({
      latency: constant(10),
      routes: new Map([
        ['GET /orders/{id}', { latency: constant(20), failureRate: 1 }],
        ['POST /orders', { failureRate: 0 }],
      ]),
    });
    expect(await latencies(subject)).toEqual([20, 10, 10, 10]);
    expect((await subject.course(2, read)).failures).toEqual([0, 1]);
    expect((await subject.course(2, write)).failures).toEqual([]);
    expect((await subject.course(2, remove)).failures).toEqual([0, 1]);
    expect(subject.counted.faults).toBe(3);
  });

  it('is the settings again once nothing is set by hand', async () => {
    const subject = trial(simulation);
    subject.simulator.setFaults(forAll({ latency: constant(10) }));
    expect(subject.simulator.since).toBe('1970-01-01T00:00:00.000Z');
    subject.simulator.setFaults(noFaults);
    expect(await latencies(subject)).toEqual([1, 3, 2, 2]);
    expect(subject.simulator.since).toBeUndefined();
    expect(subject.counted.faults).toBe(0);
  });

  it('is nothing where nothing is simulated, until faults are set', async () => {
    const subject = trial(undefined);
    expect(await subject.course(50)).toEqual({ sleptMs: [], failures: [] });
    subject.simulator.setFaults(forAll({ failureRate: 1 }));
    expect((await subject.course(2)).failures).toEqual([0, 1]);
  });
});

it('refuses settings for a route that there is not', () => {
  expect(() =>
    trial({ latency: undefined, failureRate: 0, routeLatencies: { 'GET /serach': normal } }),
  ).toThrow('GET /serach, which is not a route');
});
