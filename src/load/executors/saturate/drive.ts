import { once } from 'node:events';
import autocannon from 'autocannon';
import { messageOf } from '../../../errors/index.ts';
import { deferred } from '../../../lib/deferred.ts';
import { deriveSeed, seededRandom } from '../../../lib/random.ts';
import { watchHealth } from '../../health.ts';
import { IntervalReports } from '../../interval-reports.ts';
import type { CountedSecond } from '../../seconds.ts';
import { weightedChoice } from '../../weighted-choice.ts';
import { attachLane } from './attach-lane.ts';
import type { LaneEvents, NamedRequest } from './lane.ts';
import { socketOpener } from './open-socket.ts';
import { Outcomes } from './outcomes.ts';
import type { FromGenerator, GeneratorPlan, Interval } from './protocol.ts';

/** Autocannon looks at its stop flag this often. */
const STOP_CHECK_MS = 20;
/** Autocannon's own clock must never end a run: ours does. */
const NEVER_S = 1_000_000;
/** A flight that outlives its time-out by this much is cut off. */
const DRAIN_SLACK_MS = 1_000;

interface Drive {
  readonly plan: GeneratorPlan;
  readonly render: readonly (() => NamedRequest)[];
  readonly send: (message: FromGenerator) => void;
  /** Ends the run at once and abandons what is in flight. */
  readonly stop: AbortSignal;
}

/**
 * Drives one process's share of the load: warm-up, measured window, then a drain in which nothing new is sent and
 * whatever is in flight is waited for, so that slow requests are not left out. Reports every second of the window.
 * Settles when everything is reported and every socket is closed.
 */
export async function drive({ plan, render, send, stop }: Drive): Promise<void> {
  const health = watchHealth();
  const startMs = performance.now() + plan.warmupMs;
  const window = { startMs, endMs: startMs + plan.durationMs };
  const over = new AbortController();
  const isOver = AbortSignal.any([over.signal, stop]);
  const maySend = () => performance.now() < window.endMs && !isOver.aborted;
  const outcomes = new Outcomes(plan.requests, window, () => endIfDrained());
  const endIfDrained = () => {
    if (outcomes.inFlight === 0 && !maySend()) over.abort();
  };
  const reports = new IntervalReports(
    () => outcomes.take(),
    window,
    (counted) => send({ kind: 'interval', ...encoded(counted) }),
  );
  const untilEndMs = plan.warmupMs + plan.durationMs;
  const timers = [
    // A timer may fire up to a millisecond early by the clock that `maySend` reads.
    setTimeout(endIfDrained, untilEndMs + 1),
    setTimeout(() => over.abort(), untilEndMs + plan.timeoutMs + DRAIN_SLACK_MS),
  ];
  const fail = (error: unknown) => {
    send({ kind: 'fatal', message: messageOf(error) });
    over.abort();
  };

  const load = saturate(plan, (laneSeed) => ({
    next: requestSource({ plan, render, fail }, laneSeed),
    maySend,
    begun: (request, atMs) => outcomes.begun(request, atMs),
    answered: (request, times, status) => outcomes.answered(request, times, status),
    timedOut: (request, times) => outcomes.timedOut(request, times),
    broken: (request, times, why) => outcomes.broken(request, times, why),
    abandoned: (request, times) => outcomes.abandoned(request, times),
  }));
  if (!isOver.aborted) await once(isOver, 'abort');

  const measuredMs = Math.round(Math.max(0, Math.min(performance.now(), window.endMs) - window.startMs));
  for (const timer of timers) clearTimeout(timer);
  await load.close();
  const { breaks, firstBreak } = outcomes;
  const end = { ...encoded(reports.close()), measuredMs, health: health.close(), breaks };
  send({ kind: 'done', ...end, ...(firstBreak === undefined ? {} : { firstBreak }) });
}

const encoded = ({ second, tallies }: CountedSecond): Interval => ({
  second,
  tallies: tallies.map((tally) => tally.encode()),
});

/**
 * Autocannon over our lanes. Its correction for coordinated omission stays out of this: it is bound to a rate (and
 * refused without one), and our latencies are our own.
 */
function saturate(
  { origins, trusted, connections, seed, timeoutMs }: GeneratorPlan,
  events: (seed: number) => LaneEvents,
) {
  let lanes = 0;
  const open = socketOpener(trusted);
  const setupClient = (client: autocannon.Client) => {
    lanes += 1;
    const laneEvents = events(deriveSeed(seed, `lane-${lanes}`));
    attachLane(client, { events: laneEvents, open, timeoutMs });
  };
  const options = { url: origins[0] ?? '', connections, pipelining: 1, duration: NEVER_S };
  const { promise: closed, resolve, reject } = deferred();
  const instance = autocannon({ ...options, sampleInt: STOP_CHECK_MS, setupClient }, (error: unknown) =>
    error instanceof Error ? reject(error) : resolve(),
  );
  return {
    /** Settles when every socket is closed. */
    close: () => {
      instance.stop();
      return closed;
    },
  };
}

type Source = Pick<Drive, 'plan' | 'render'> & { readonly fail: (error: unknown) => void };

/** A weighted sequence of requests that follows from the seed. */
function requestSource({ plan, render, fail }: Source, seed: number): () => NamedRequest | undefined {
  const choose = weightedChoice(
    plan.requests.map(({ weight }) => weight),
    seededRandom(seed),
  );
  return () => {
    try {
      return render[choose()]?.();
    } catch (error) {
      fail(error);
      return undefined;
    }
  };
}
