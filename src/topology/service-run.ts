import type { ServiceSpec } from '../config/project.ts';
import { messageOf, ShopctlError } from '../errors/index.ts';
import type { StopOutcome } from '../model/index.ts';
import { untilEnded } from './adopt/watch-adopted.ts';
import { HealthWatch } from './health-watch.ts';
import { withLastLines } from './last-lines-of-error.ts';
import { refuseTakenPorts } from './port-owner.ts';
import { Restarts, restartAfter } from './restarts.ts';
import type { RunSurroundings } from './run-surroundings.ts';
import type { ProcessEnd, ServiceProcess } from './service-process.ts';
import { ServiceRecord } from './service-record.ts';
import type { ServiceWatcher } from './service-watcher.ts';
import { startService } from './start-service.ts';
import type { ServiceStatus } from './state.ts';

/**
 * One service of a run: its processes if it is ours, one after the other. What starts, ends and restarts them stays in one
 * place, though it is long: each of these can come while another one goes on.
 */
export class ServiceRun {
  readonly spec: ServiceSpec;
  readonly #around: RunSurroundings;
  readonly #watch: ServiceWatcher;
  readonly #record: ServiceRecord;
  readonly #health: HealthWatch;
  readonly #restarts: Restarts;
  #process: ServiceProcess | undefined;
  /** Ending the rest of a group whose main process ended by itself. */
  #clearing: Promise<StopOutcome> | undefined;
  /** Aborted when it is to be stopped; each time that it is wanted again has its own. */
  #wanted = new AbortController();
  /** It is stopped for good. */
  #isClosed = false;
  #stopping: Promise<StopOutcome | undefined> | undefined;
  /** Being started again: after an end of its own, or by request. */
  #comingBack: Promise<unknown> | undefined;
  #isSick = false;
  #isHeldBack = false;
  /** A start by request has failed: whoever asked may ask again, so that this end is not the end of the run. */
  #isAwaitingRequest = false;
  #hasBegun = false;
  #readySince: string | undefined;
  #markStarted: () => void = () => undefined;
  /** Settles when its process runs; for one that runs elsewhere, and for one that cannot be started, never. */
  readonly started = new Promise<void>((resolve) => {
    this.#markStarted = resolve;
  });

  constructor(spec: ServiceSpec, around: RunSurroundings, watch: ServiceWatcher) {
    this.spec = spec;
    this.#around = around;
    this.#watch = watch;
    this.#record = new ServiceRecord(spec, around);
    this.#health = new HealthWatch({
      spec,
      around,
      onSick: (reason) => this.#fallSick(reason),
      onWell: () => this.#record.healthy(),
    });
    this.#restarts = new Restarts({
      ...around,
      onWait: (wait) => this.#record.restarting(wait),
      tryOnce: (signal) => this.#tryToComeBack(signal),
    });
  }

  get status(): ServiceStatus {
    return this.#record.status;
  }

  /** It has no process, and will have none again by itself. */
  get isOver(): boolean {
    const { pid, state } = this.status;
    const hasEnded = state === 'exited' || state === 'failed' || state === 'completed';
    return pid === undefined && hasEnded && !this.#isAwaitingRequest;
  }

  /** Whether it comes back by itself when it ends. */
  get comesBack(): boolean {
    return this.spec.kind === 'own' && this.spec.restart !== undefined;
  }

  /** Whether it has, or once had, a process. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  lastLines(): readonly string[] {
    return this.#process?.log.lastLines() ?? [];
  }

  /** It was started before what it needs was ready, and has not been told to serve. */
  get isHeldBack(): boolean {
    return this.#isHeldBack;
  }

  /**
   * Resolves when it is ready. @param needsMet of a service that loads early, when it may serve; absent: at once
   * @throws ShopctlError saying why it will not be
   */
  async start(signal: AbortSignal, needsMet?: () => Promise<void>): Promise<void> {
    const { stateDir, table, clock, run, onEvent } = this.#around;
    let startedAtMs = clock.monotonicMs();
    this.#record.forgetEnd();
    this.#isHeldBack = needsMet !== undefined;
    if (this.spec.kind === 'foreign') this.#record.starting();
    await startService(this.spec, {
      stateDir,
      table,
      clock,
      signal,
      run,
      onProcess: (process) => this.#adopt(process),
      onLines: (service, lines) => onEvent({ type: 'log-lines', service, lines }),
      mayServe:
        needsMet &&
        (async () => {
          await needsMet();
          // What it did while others were not ready has made nobody wait.
          startedAtMs = clock.monotonicMs();
          this.#isHeldBack = false;
        }),
    });
    const tookMs = clock.monotonicMs() - startedAtMs;
    this.#isAwaitingRequest = false;
    if (this.spec.ready.probe.kind === 'exit') this.#record.completed(tookMs);
    else this.#becomeReady(tookMs);
    this.#watch.onReady(this.spec.name);
    void this.#watchAdopted();
  }

  /** It is no child of ours: that it ends is seen, how is not. */
  async #watchAdopted(): Promise<void> {
    const { name, adopted } = this.#adopted ?? {};
    if (name === undefined || adopted === undefined) return;
    this.#hasBegun = true;
    const { table, clock } = this.#around;
    const sinceMs = clock.monotonicMs();
    if (!(await untilEnded(adopted, table, this.#wanted.signal))) return;
    this.#health.end();
    const end: ProcessEnd = { exit: { unknown: 'adopted' }, livedMs: clock.monotonicMs() - sinceMs };
    this.#record.become('exited', { exit: end.exit });
    this.#record.exited(end, []);
    this.#watch.onExited(name, end);
    this.#watch.onAway(name);
    this.#watch.onGone();
  }

  get #adopted() {
    return this.spec.kind === 'foreign' && this.spec.adopted !== undefined ? this.spec : undefined;
  }

  #becomeReady(tookMs: number): void {
    this.#record.ready(tookMs);
    this.#readySince = this.status.since;
    this.#isSick = false;
    this.#health.begin();
  }

  /**
   * Starts it once more, after it was stopped or has ended. @throws ShopctlError saying why it did not become ready: then
   * its state is `failed` and nothing of it runs
   */
  startAgain(): Promise<void> {
    const coming = this.#startAgain();
    this.#comingBack = coming.catch(() => undefined);
    return coming;
  }

  async #startAgain(): Promise<void> {
    if (this.#isClosed) throw stoppedMeanwhile(this.spec.name);
    this.#wanted = new AbortController();
    const { signal } = this.#wanted;
    try {
      if (this.spec.kind === 'own') await refuseTakenPorts([this.spec], this.#around.table);
      await this.start(signal);
    } catch (error) {
      if (signal.aborted) throw stoppedMeanwhile(this.spec.name);
      if (!(error instanceof ShopctlError)) throw error;
      this.#isAwaitingRequest = true;
      const failure = this.fail(error);
      await this.#clearAway();
      throw failure;
    }
  }

  /** What it needs is back: asks at once whether it still answers. True when it does. */
  async recheck(): Promise<boolean> {
    const { state } = this.status;
    if (state !== 'ready' && state !== 'unhealthy') return false;
    const isWell = await this.#health.recheck();
    if (!isWell) return false;
    if (this.status.state === 'unhealthy') this.#record.healthy();
    this.#record.resumed();
    return true;
  }

  /** What does not answer any more is as good as ended: where it is to come back, it is made to. */
  #fallSick(reason: string): void {
    this.#record.unhealthy(reason);
    if (!this.comesBack) return;
    this.#isSick = true;
    this.#clear();
  }

  /** Records that it will not become ready. A process that hangs is ended: by the stop of all, or now if the rest goes on. */
  fail(error: ShopctlError): ShopctlError {
    const lastLines = this.lastLines();
    this.#record.failed(error.message, this.#process?.end?.exit, lastLines);
    if (!this.spec.required) this.#clear();
    return withLastLines(error, lastLines);
  }

  /** Ends process and group for good. Resolves to how; undefined when there was nothing left to end. */
  close(hurry?: AbortSignal): Promise<StopOutcome | undefined> {
    this.#isClosed = true;
    return this.stop(hurry);
  }

  /** The same, but it can be started again. */
  stop(hurry?: AbortSignal): Promise<StopOutcome | undefined> {
    this.#stopping ??= this.#stop(hurry).finally(() => {
      this.#stopping = undefined;
    });
    return this.#stopping;
  }

  async #stop(hurry: AbortSignal | undefined): Promise<StopOutcome | undefined> {
    this.#wanted.abort();
    this.#health.end();
    await this.#comingBack;
    const process = this.#process;
    const { state } = this.status;
    const isOver = state === 'failed' || state === 'exited' || state === 'completed';
    const wasReady = state === 'ready' || state === 'unhealthy';
    if (process === undefined) return isOver ? undefined : this.#stopWithoutProcess();
    if (!isOver) {
      this.#record.stopping();
      if (wasReady) this.#watch.onAway(this.spec.name);
    }
    const startedAtMs = this.#around.clock.monotonicMs();
    const clearing = this.#clearing;
    const how = await process.stop(hurry);
    await clearing;
    this.#record.become(how === 'survived' ? 'orphaned' : isOver ? state : 'stopped', { how });
    if (how !== 'survived') this.#forgetProcess();
    if (isOver && wasEndedAnyway(how, clearing !== undefined)) return undefined;
    this.#record.stopped(how, this.#around.clock.monotonicMs() - startedAtMs);
    return how;
  }

  #stopWithoutProcess(): StopOutcome | undefined {
    if (this.#adopted !== undefined && this.status.state !== 'waiting') return this.#record.left();
    this.#record.become('stopped');
    return undefined;
  }

  /** Kills the group without waiting, for the moment in which our own process exits. */
  killNow(): void {
    this.#process?.killNow();
  }

  async #adopt(process: ServiceProcess): Promise<void> {
    this.#process = process;
    this.#clearing = undefined;
    this.#hasBegun = true;
    const { pid } = process;
    const found = await this.#around.table.find(pid);
    this.#record.starting({ pid, ...(found === undefined ? {} : { startTime: found.startTime }) });
    this.#markStarted();
    void process.ended.then((end) => this.#onEnd(process, end));
  }

  /** The main process has ended: by our wish, while starting (whoever starts it reports that), or by itself. */
  async #onEnd(process: ServiceProcess, end: ProcessEnd): Promise<void> {
    const { signal } = this.#wanted;
    if (process === this.#process && !signal.aborted) {
      this.#health.end();
      const wasReady = this.status.state === 'ready' || this.status.state === 'unhealthy';
      this.#clear();
      if (wasReady) await this.#reportExit(process, end);
      const how = await this.#clearing;
      if (how !== 'survived' && process === this.#process) this.#record.forgetProcess();
      const restart = restartAfter(this.spec, end, { wasSick: this.#isSick });
      if (wasReady && how !== 'survived' && !signal.aborted && restart !== undefined) {
        this.#comingBack = this.#restarts.run(restart, Date.parse(this.#readySince ?? ''), signal);
      }
    }
    this.#watch.onGone();
  }

  async #reportExit(process: ServiceProcess, end: ProcessEnd): Promise<void> {
    this.#record.become('exited', { exit: end.exit });
    await process.log.drained();
    this.#record.exited(end, process.log.lastLines());
    this.#watch.onExited(this.spec.name, end);
    this.#watch.onAway(this.spec.name);
  }

  /** Whether another process of it is ready, or is not wanted any more. */
  async #tryToComeBack(signal: AbortSignal): Promise<boolean> {
    this.#process = undefined;
    this.#clearing = undefined;
    try {
      await this.start(signal);
      return true;
    } catch (error) {
      if (signal.aborted) return true;
      this.#record.become('restarting', { reason: messageOf(error) });
      await this.#clearAway();
      return false;
    }
  }

  #clear(): void {
    this.#clearing ??= this.#process?.stop();
  }

  async #clearAway(): Promise<void> {
    this.#clear();
    if ((await this.#clearing) !== 'survived') this.#forgetProcess();
  }

  #forgetProcess(): void {
    this.#process = undefined;
    this.#clearing = undefined;
    this.#record.forgetProcess();
  }
}

/** Whether what a process left when it ended by itself had ended, or was being ended, before anybody asked for it. */
const wasEndedAnyway = (how: StopOutcome, wasBeingEnded: boolean) =>
  how === 'already-gone' || (wasBeingEnded && how !== 'survived');

const stoppedMeanwhile = (name: string) =>
  new ShopctlError('service-failed', { message: `${name} was stopped before it was ready` });
