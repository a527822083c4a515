import { setImmediate } from 'node:timers/promises';
import type { ServiceSpec } from '../config/project.ts';
import { ShopctlError } from '../errors/index.ts';
import type { StopOutcome } from '../model/index.ts';
import { allNeedsOf, dependantsOf, isUp } from './dependants.ts';
import { describeExit } from './describe-exit.ts';
import { waitsForNeeds } from './early-load.ts';
import { withLastLines } from './last-lines-of-error.ts';
import type { RunSurroundings } from './run-surroundings.ts';
import { ServiceOperations, withDependants } from './service-operations.ts';
import { needFailed } from './service-order.ts';
import type { ProcessEnd } from './service-process.ts';
import { ServiceRun } from './service-run.ts';
import type { ServiceStatus } from './state.ts';

export interface StoppedService {
  readonly service: string;
  readonly how: StopOutcome;
}

export interface TopologyRunOptions {
  readonly around: RunSurroundings;
  readonly topology: string;
  /** Aborted: whatever is being stopped gets no more grace. */
  readonly hurry?: AbortSignal | undefined;
}

/** The services of one run, from the first start to the last stop. */
export class TopologyRun {
  /** Settles when processes were started and the last one is gone. */
  readonly allEnded: Promise<void>;
  readonly #runs: ReadonlyMap<string, ServiceRun>;
  readonly #allNeeds: ReadonlyMap<string, readonly string[]>;
  readonly #failure = new AbortController();
  readonly #hurry: AbortSignal | undefined;
  readonly #operations: ServiceOperations;
  /** Of services that what they need has come back to, the question whether they still answer. */
  readonly #rechecks = new Map<string, Promise<unknown>>();
  #isStarting = true;
  #isClosing = false;
  #isHeldOpen = false;
  #markAllEnded: () => void = () => undefined;

  /** @param services needs first */
  constructor(services: readonly ServiceSpec[], { around, topology, hurry }: TopologyRunOptions) {
    const watch = {
      onReady: (service: string) => this.#onReady(service),
      onAway: (service: string) => this.#onAway(service, around),
      onExited: (service: string, end: ProcessEnd) => this.#onExited(service, end),
      onGone: () => this.#lookForEnd(),
    };
    this.#runs = new Map(services.map((spec) => [spec.name, new ServiceRun(spec, around, watch)]));
    this.#allNeeds = allNeedsOf(services);
    this.allEnded = new Promise((resolve) => {
      this.#markAllEnded = resolve;
    });
    this.#hurry = hurry;
    this.#operations = new ServiceOperations({
      runs: this.#runs,
      topology,
      hurry,
      refuseUntimely: () => this.#refuseUntimely(),
    });
  }

  /**
   * A service whose needs are away still runs and may answer; that its work is held up is a fact about them, so it is
   * derived from their states and never stored.
   */
  statuses(): ServiceStatus[] {
    return [...this.#runs.values()].map((run) => {
      const { status } = run;
      if (run.isHeldBack && status.state === 'starting') return this.#heldBack(status);
      if (status.state !== 'ready' && status.state !== 'unhealthy') return status;
      const waitsFor = this.#missingNeeds(status.name);
      return waitsFor.length === 0 ? status : { ...status, waitsFor };
    });
  }

  /**
   * Stops services and starts them again, dependants last. Resolves when they are ready and whoever needs them has been
   * asked whether it still answers. @throws ShopctlError `usage`, `service-busy`, and what a start throws
   */
  async restart(names: readonly string[], options: { readonly withDependants: boolean }): Promise<void> {
    const all = options.withDependants ? withDependants(names, this.#runs) : names;
    await this.#operations.perform('restart', all);
    await this.#rechecked(all);
  }

  /** Starts services that were stopped or have ended; one that runs is left alone. @throws as `restart` */
  async startServices(names: readonly string[]): Promise<void> {
    await this.#operations.perform('start', names);
    await this.#rechecked(names);
  }

  /** Stops services; the others go on. Resolves to the names of those that need one of them. @throws as `restart` */
  async stopServices(names: readonly string[]): Promise<string[]> {
    await this.#operations.perform('stop', names);
    const runs = dependantsOf(names, this.#specs()).map((name) => this.#runs.get(name));
    return runs.flatMap((run) => (run?.status.state === 'ready' ? [run.spec.name] : []));
  }

  /** Settles when no restart, stop or start of this service goes on. */
  idle(name: string): Promise<void> {
    return this.#operations.settled(name);
  }

  /** From now on the end of the last process is not the end of the run: somebody may start one again. */
  holdOpen(): void {
    this.#isHeldOpen = true;
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

  /** Stops every service for good, dependants before what they need. */
  async stop(): Promise<StoppedService[]> {
    this.#isClosing = true;
    const stops = new Map<string, Promise<StoppedService[]>>();
    for (const run of [...this.#runs.values()].reverse()) {
      const dependants = [...this.#runs.values()]
        .filter(({ spec }) => spec.needs.includes(run.spec.name))
        .map(({ spec }) => stops.get(spec.name));
      stops.set(run.spec.name, stopAfter(dependants, run, this.#hurry));
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
    const { required } = run.spec;
    const needsMet = this.#needsMet(run.spec, outcomes);
    try {
      if (loadsEarly(run.spec)) {
        // What everybody waits for is to have its process first.
        await Promise.race([needsMet, setImmediate()]);
        await run.start(signal, () => needsMet);
      } else {
        await needsMet;
        if (signal.aborted) return false;
        await run.start(signal);
      }
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

  /** Resolves when all that a service needs is there. @throws ShopctlError when something of it never will be */
  async #needsMet(
    { name, needs, needsStarted = [] }: ServiceSpec,
    outcomes: ReadonlyMap<string, Promise<boolean>>,
  ): Promise<void> {
    const outcomeOf = async (need: string) => {
      const isReady = outcomes.get(need);
      const isStarted = this.#runs.get(need)?.started.then(() => true);
      return {
        need,
        isMet: await (needsStarted.includes(need) ? Promise.race([isStarted, isReady]) : isReady),
      };
    };
    const missing = (await Promise.all(needs.map(outcomeOf))).find(({ isMet }) => isMet !== true);
    if (missing !== undefined) throw needFailed(name, missing.need);
  }

  #heldBack(status: ServiceStatus): ServiceStatus {
    const missing = status.needs.filter((need) => {
      const needed = this.#runs.get(need)?.status;
      return needed !== undefined && !isUp(needed);
    });
    return missing.length === 0 ? status : { ...status, reason: waitsForNeeds(missing) };
  }

  #onExited(service: string, end: ProcessEnd): void {
    const run = this.#runs.get(service);
    if (run === undefined || !this.#isStarting || !run.spec.required || run.comesBack) return;
    this.#failure.abort(withLastLines(exitedTooEarly(service, end), run.lastLines()));
  }

  #specs(): ServiceSpec[] {
    return [...this.#runs.values()].map(({ spec }) => spec);
  }

  /** Of everything that a service needs, directly or not, what is not up. */
  #missingNeeds(service: string): string[] {
    const needs = this.#allNeeds.get(service) ?? [];
    return needs.filter((need) => {
      const status = this.#runs.get(need)?.status;
      return status !== undefined && !isUp(status);
    });
  }

  #onReady(service: string): void {
    for (const [name, run] of this.#runs) {
      const isDependant = this.#allNeeds.get(name)?.includes(service) === true;
      if (!isDependant || !isRunning(run) || this.#missingNeeds(name).length > 0) continue;
      this.#rechecks.set(name, run.recheck());
    }
  }

  #onAway(missing: string, { clock, onEvent }: RunSurroundings): void {
    if (this.#isClosing || this.#failure.signal.aborted) return;
    for (const [service, run] of this.#runs) {
      if (this.#allNeeds.get(service)?.includes(missing) !== true || !isRunning(run)) continue;
      void onEvent({ type: 'service-waiting', service, atMs: clock.epochMs(), needs: [missing] });
    }
  }

  async #rechecked(names: readonly string[]): Promise<void> {
    await Promise.all(dependantsOf(names, this.#specs()).map((name) => this.#rechecks.get(name)));
  }

  #refuseUntimely(): void {
    const why = this.#isClosing ? 'everything is being stopped' : 'others are still starting';
    if (!this.#isClosing && !this.#isStarting) return;
    throw new ShopctlError('service-busy', { message: `not now: ${why}` });
  }

  #lookForEnd(): void {
    if (this.#isStarting || this.#isHeldOpen) return;
    const own = [...this.#runs.values()].filter(({ hasBegun }) => hasBegun);
    if (own.length > 0 && own.every(({ isOver }) => isOver)) this.#markAllEnded();
  }
}

const loadsEarly = (spec: ServiceSpec) => spec.kind === 'own' && spec.eager === true && spec.needs.length > 0;

const isRunning = ({ status: { state } }: ServiceRun) => state === 'ready' || state === 'unhealthy';

async function stopAfter(
  dependants: readonly (Promise<unknown> | undefined)[],
  run: ServiceRun,
  hurry: AbortSignal | undefined,
): Promise<StoppedService[]> {
  await Promise.all(dependants);
  const how = await run.close(hurry);
  return how === undefined ? [] : [{ service: run.spec.name, how }];
}

const exitedTooEarly = (service: string, { exit }: ProcessEnd) =>
  new ShopctlError('service-failed', {
    message: `${service} ended while others were starting: ${describeExit(exit)}`,
    hint: `see \`shopctl logs ${service}\``,
  });
