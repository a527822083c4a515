import type { ServiceSpec } from '../config/project.ts';
import { ShopctlError } from '../errors/index.ts';
import type { StopOutcome } from '../model/index.ts';
import { describeExit } from './describe-exit.ts';
import { withLastLines } from './last-lines-of-error.ts';
import type { ProcessEnd } from './service-process.ts';
import { type RunSurroundings, ServiceRun } from './service-run.ts';
import type { ServiceStatus } from './state.ts';

export interface StoppedService {
  readonly service: string;
  readonly how: StopOutcome;
}

/** The services of one run, from the first start to the last stop. */
export class TopologyRun {
  /** Settles when processes were started and the last one is gone. */
  readonly allEnded: Promise<void>;
  readonly #runs: ReadonlyMap<string, ServiceRun>;
  readonly #failure = new AbortController();
  #isStarting = true;
  #markAllEnded: () => void = () => undefined;

  /** @param services needs first */
  constructor(services: readonly ServiceSpec[], around: RunSurroundings) {
    const watch = {
      onExited: (run: ServiceRun, end: ProcessEnd) => this.#onExited(run, end),
      onGone: () => this.#lookForEnd(),
    };
    this.#runs = new Map(services.map((spec) => [spec.name, new ServiceRun(spec, around, watch)]));
    this.allEnded = new Promise((resolve) => {
      this.#markAllEnded = resolve;
    });
  }

  statuses(): ServiceStatus[] {
    return [...this.#runs.values()].map(({ status }) => status);
  }

  /**
   * Starts every service the moment its own needs are ready. Resolves when all required ones are ready and the others are
   * ready or have failed. @throws the ShopctlError of the first required service that failed; the caller stops the rest
   */
  async start(signal: AbortSignal): Promise<void> {
    const eitherSignal = AbortSignal.any([signal, this.#failure.signal]);
    const outcomes = new Map<string, Promise<boolean>>();
    for (const [name, run] of this.#runs) {
      outcomes.set(name, this.#startAfterNeeds(run, outcomes, eitherSignal));
    }
    await Promise.all(outcomes.values());
    this.#isStarting = false;
    signal.throwIfAborted();
    this.#failure.signal.throwIfAborted();
    this.#lookForEnd();
  }

  /** Stops every service, dependants before what they need. Aborting `hurry` kills what is left at once. */
  async stop(hurry?: AbortSignal): Promise<StoppedService[]> {
    const stops = new Map<string, Promise<StoppedService[]>>();
    for (const run of [...this.#runs.values()].reverse()) {
      const dependants = [...this.#runs.values()]
        .filter(({ spec }) => spec.needs.includes(run.spec.name))
        .map(({ spec }) => stops.get(spec.name));
      stops.set(run.spec.name, stopAfter(dependants, run, hurry));
    }
    return (await Promise.all(stops.values())).flat();
  }

  /** Kills every group without waiting, for the moment in which our own process exits. */
  killNow(): void {
    for (const run of this.#runs.values()) run.killNow();
  }

  async #startAfterNeeds(
    run: ServiceRun,
    outcomes: ReadonlyMap<string, Promise<boolean>>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { name, needs, needsStarted = [], required } = run.spec;
    const outcomeOf = async (need: string) => {
      const isReady = outcomes.get(need);
      const isStarted = this.#runs.get(need)?.started.then(() => true);
      return {
        need,
        isMet: await (needsStarted.includes(need) ? Promise.race([isStarted, isReady]) : isReady),
      };
    };
    const missing = (await Promise.all(needs.map(outcomeOf))).find(({ isMet }) => isMet !== true);
    if (signal.aborted) return false;
    try {
      if (missing !== undefined) throw needFailed(name, missing.need);
      await run.start(signal);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      if (!(error instanceof ShopctlError)) {
        this.#failure.abort(error);
        return false;
      }
      const failure = run.fail(error);
      if (required) this.#failure.abort(failure);
      return false;
    }
  }

  #onExited(run: ServiceRun, end: ProcessEnd): void {
    if (!this.#isStarting || !run.spec.required || run.comesBack) return;
    this.#failure.abort(withLastLines(exitedTooEarly(run.spec.name, end), run.lastLines()));
  }

  #lookForEnd(): void {
    if (this.#isStarting) return;
    const own = [...this.#runs.values()].filter(({ hasBegun }) => hasBegun);
    if (own.length > 0 && own.every(({ isOver }) => isOver)) this.#markAllEnded();
  }
}

async function stopAfter(
  dependants: readonly (Promise<unknown> | undefined)[],
  run: ServiceRun,
  hurry: AbortSignal | undefined,
): Promise<StoppedService[]> {
  await Promise.all(dependants);
  const how = await run.stop(hurry);
  return how === undefined ? [] : [{ service: run.spec.name, how }];
}

const needFailed = (service: string, need: string) =>
  new ShopctlError('service-failed', {
    message: `${service} cannot start: it needs ${need}, which failed`,
  });

const exitedTooEarly = (service: string, { exit }: ProcessEnd) =>
  new ShopctlError('service-failed', {
    message: `${service} ended while others were starting: ${describeExit(exit)}`,
    hint: `see \`shopctl logs ${service}\``,
  });
