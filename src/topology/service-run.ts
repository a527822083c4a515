import type { Restart, ServiceSpec } from '../config/project.ts';
import { messageOf, type ShopctlError } from '../errors/index.ts';
import type { ServiceEvent, StopOutcome } from '../model/index.ts';
import { untilEnded } from './adopt/watch-adopted.ts';
import type { Clock } from './clock.ts';
import { withLastLines } from './last-lines-of-error.ts';
import { watchLiveness } from './liveness.ts';
import { plannedStatus } from './planned-status.ts';
import type { ProcessTable } from './process-table.ts';
import { Restarts } from './restarts.ts';
import type { ProcessEnd, ServiceProcess } from './service-process.ts';
import { startService } from './start-service.ts';
import type { ServiceState, ServiceStatus } from './state.ts';

export interface RunSurroundings {
  readonly stateDir: string;
  readonly table: ProcessTable;
  readonly clock: Clock;
  readonly random: () => number;
  /** The mark of the run. */
  readonly run: string;
  /** A promise returned for `log-lines` holds that service's output back. */
  readonly onEvent: (event: ServiceEvent) => void | Promise<void>;
  /** Called after every change, before anything else happens: what is on disk must name every process there is. */
  readonly onChange: () => void;
}

export interface EndWatch {
  /** It ended by itself after it had been ready. */
  onExited(run: ServiceRun, end: ProcessEnd): void;
  /** Its process and the rest of its group are gone, for whatever reason. */
  onGone(): void;
}

/** One service of a run: its process if it is ours, its state, and the events of both. */
export class ServiceRun {
  readonly spec: ServiceSpec;
  readonly #around: RunSurroundings;
  readonly #watch: EndWatch;
  #status: ServiceStatus;
  #process: ServiceProcess | undefined;
  /** Ending the rest of a group whose main process ended by itself. */
  #clearing: Promise<StopOutcome> | undefined;
  #isStopping = false;
  readonly #stopping = new AbortController();
  readonly #restarts: Restarts;
  #restarting: Promise<void> | undefined;
  /** Ends with the readiness of one process. */
  #life = new AbortController();
  #isSick = false;
  #hasBegun = false;
  #readySince: string | undefined;
  #markStarted: () => void = () => undefined;
  /** Settles when its process runs; for one that runs elsewhere, and for one that cannot be started, never. */
  readonly started = new Promise<void>((resolve) => {
    this.#markStarted = resolve;
  });

  constructor(spec: ServiceSpec, around: RunSurroundings, watch: EndWatch) {
    this.spec = spec;
    this.#around = around;
    this.#watch = watch;
    const since = new Date(around.clock.epochMs()).toISOString();
    this.#status = { ...plannedStatus(spec, around.stateDir), state: 'waiting', since };
    this.#restarts = new Restarts({
      ...around,
      signal: this.#stopping.signal,
      onWait: (wait) => {
        this.#become('restarting', { restarts: (this.#status.restarts ?? 0) + 1 });
        this.#emit({ type: 'service-restarting', ...this.#at(), ...wait });
      },
      tryOnce: () => this.#comeBack(),
    });
  }

  get status(): ServiceStatus {
    return this.#status;
  }

  /** It has no process, and will have none again. */
  get isOver(): boolean {
    const { pid, state } = this.#status;
    return pid === undefined && ['exited', 'failed', 'completed', 'stopped'].includes(state);
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

  /** Resolves when it is ready. @throws ShopctlError saying why it will not be */
  async start(signal: AbortSignal): Promise<void> {
    const { stateDir, table, clock, run, onEvent } = this.#around;
    const startedAtMs = clock.monotonicMs();
    if (this.spec.kind === 'foreign') {
      this.#hasBegun = this.#adopted !== undefined;
      this.#become('starting');
      this.#emit({ type: 'service-starting', ...this.#at() });
    }
    await startService(this.spec, {
      stateDir,
      table,
      clock,
      signal,
      run,
      onProcess: (process) => this.#adopt(process),
      onLines: (service, lines) => onEvent({ type: 'log-lines', service, lines }),
    });
    const tookMs = clock.monotonicMs() - startedAtMs;
    if (this.spec.ready.probe.kind === 'exit') {
      this.#become('completed', { exit: { code: 0 } });
      this.#emit({ type: 'service-completed', ...this.#at(), tookMs });
      return;
    }
    this.#become('ready', { readyAfterMs: Math.round(tookMs) });
    this.#readySince = this.#status.since;
    const { url, adopted } = this.#status;
    const { pid } = adopted ?? this.#status;
    this.#emit({
      type: 'service-ready',
      ...this.#at(),
      tookMs,
      ...(adopted === undefined ? {} : { adopted: true }),
      ...(pid === undefined ? {} : { pid }),
      ...(url === undefined ? {} : { url }),
    });
    this.#watchLife();
    void this.#watchAdopted();
  }

  get #adopted() {
    return this.spec.kind === 'foreign' ? this.spec.adopted : undefined;
  }

  /** It is no child of ours: that it ends is seen, how is not. */
  async #watchAdopted(): Promise<void> {
    if (this.#adopted === undefined) return;
    const { table, clock } = this.#around;
    const sinceMs = clock.monotonicMs();
    if (!(await untilEnded(this.#adopted, table, this.#stopping.signal))) return;
    this.#life.abort();
    const end: ProcessEnd = { exit: { unknown: 'adopted' }, livedMs: clock.monotonicMs() - sinceMs };
    this.#become('exited', { exit: end.exit });
    this.#emit({
      type: 'service-exited',
      ...this.#at(),
      required: this.spec.required,
      ...end,
      lastLines: [],
    });
    this.#watch.onExited(this, end);
    this.#watch.onGone();
  }

  #watchLife(): void {
    const { live } = this.spec;
    if (live === undefined) return;
    this.#life = new AbortController();
    this.#isSick = false;
    void watchLiveness({
      spec: this.spec,
      live,
      clock: this.#around.clock,
      random: this.#around.random,
      run: this.#around.run,
      signal: AbortSignal.any([this.#life.signal, this.#stopping.signal]),
      onSick: (reason) => this.#fallSick(reason),
      onWell: () => {
        this.#become('ready');
        this.#emit({ type: 'service-healthy', ...this.#at() });
      },
    });
  }

  /** What does not answer any more is as good as ended: where it is to come back, it is made to. */
  #fallSick(reason: string): void {
    this.#become('unhealthy', { reason });
    this.#emit({ type: 'service-unhealthy', ...this.#at(), message: reason });
    if (!this.comesBack) return;
    this.#isSick = true;
    this.#clear();
  }

  /** Records that it will not become ready. A process that hangs is ended: by the stop of all, or now if the rest goes on. */
  fail(error: ShopctlError): ShopctlError {
    const { required } = this.spec;
    const { message } = error;
    const lastLines = this.lastLines();
    const end = this.#process?.end;
    this.#become('failed', { reason: message, ...(end === undefined ? {} : { exit: end.exit }) });
    this.#emit({ type: 'service-failed', ...this.#at(), required, message, lastLines });
    if (!required) this.#clear();
    return withLastLines(error, lastLines);
  }

  /** Ends process and group. Resolves to how; undefined when there was nothing left to end. */
  async stop(hurry?: AbortSignal): Promise<StopOutcome | undefined> {
    this.#isStopping = true;
    this.#stopping.abort();
    await this.#restarting;
    const process = this.#process;
    if (process === undefined) {
      const { state } = this.#status;
      if (this.#adopted !== undefined && ['starting', 'ready', 'unhealthy'].includes(state))
        return this.#leave();
      if (state !== 'failed') this.#become('stopped');
      return undefined;
    }
    const { state } = this.#status;
    const isOver = state === 'failed' || state === 'exited' || state === 'completed';
    if (!isOver) {
      this.#become('stopping');
      this.#emit({ type: 'service-stopping', ...this.#at() });
    }
    const startedAtMs = this.#around.clock.monotonicMs();
    const how = await process.stop(hurry);
    await this.#clearing;
    this.#become(how === 'survived' ? 'orphaned' : isOver ? state : 'stopped', { how });
    if (how !== 'survived') this.#forgetProcess();
    if (isOver && how === 'already-gone') return undefined;
    const tookMs = this.#around.clock.monotonicMs() - startedAtMs;
    this.#emit({ type: 'service-stopped', ...this.#at(), how, tookMs });
    return how;
  }

  #leave(): StopOutcome {
    this.#become('stopped', { how: 'left-running' });
    this.#emit({ type: 'service-stopped', ...this.#at(), how: 'left-running', tookMs: 0 });
    return 'left-running';
  }

  /** Kills the group without waiting, for the moment in which our own process exits. */
  killNow(): void {
    this.#process?.killNow();
  }

  async #adopt(process: ServiceProcess): Promise<void> {
    this.#process = process;
    this.#hasBegun = true;
    const { pid } = process;
    const found = await this.#around.table.find(pid);
    this.#become('starting', { pid, ...(found === undefined ? {} : { startTime: found.startTime }) });
    this.#emit({ type: 'service-starting', ...this.#at(), pid });
    this.#markStarted();
    void process.ended.then((end) => this.#onEnd(process, end));
  }

  /** The main process has ended: by our wish, while starting (whoever starts it reports that), or by itself. */
  async #onEnd(process: ServiceProcess, end: ProcessEnd): Promise<void> {
    if (!this.#isStopping) {
      this.#life.abort();
      const wasReady = this.#status.state === 'ready' || this.#status.state === 'unhealthy';
      this.#clear();
      if (wasReady) await this.#reportExit(process, end);
      const how = await this.#clearing;
      if (how !== 'survived') this.#forgetProcess();
      const restart = this.#restartAfter(end);
      if (wasReady && how !== 'survived' && restart !== undefined) {
        this.#restarting = this.#restarts.run(restart, Date.parse(this.#readySince ?? ''));
      }
    }
    this.#watch.onGone();
  }

  async #reportExit(process: ServiceProcess, end: ProcessEnd): Promise<void> {
    this.#become('exited', { exit: end.exit });
    await process.log.drained();
    const lastLines = this.lastLines();
    const { required } = this.spec;
    this.#emit({ type: 'service-exited', ...this.#at(), required, ...end, lastLines });
    this.#watch.onExited(this, end);
  }

  /** What it is started again by; undefined when it is not to be. */
  #restartAfter({ exit }: ProcessEnd): Restart | undefined {
    const restart = this.spec.kind === 'own' && !this.#isStopping ? this.spec.restart : undefined;
    const isSuccess = 'code' in exit && exit.code === 0 && !this.#isSick;
    return restart?.policy === 'on-failure' && isSuccess ? undefined : restart;
  }

  /** Whether another process of it is ready, or is not wanted any more. */
  async #comeBack(): Promise<boolean> {
    const { signal } = this.#stopping;
    this.#process = undefined;
    this.#clearing = undefined;
    try {
      await this.start(signal);
      return true;
    } catch (error) {
      if (signal.aborted) return true;
      this.#become('restarting', { reason: messageOf(error) });
      this.#clear();
      if ((await this.#clearing) !== 'survived') this.#forgetProcess();
      return false;
    }
  }

  #clear(): void {
    this.#clearing ??= this.#process?.stop();
  }

  #become(state: ServiceState, facts: Partial<ServiceStatus> = {}): void {
    const since = new Date(this.#around.clock.epochMs()).toISOString();
    this.#status = { ...this.#status, ...facts, state, since };
    this.#around.onChange();
  }

  #forgetProcess(): void {
    const { pid, startTime, ...rest } = this.#status;
    if (pid === undefined && startTime === undefined) return;
    this.#status = rest;
    this.#around.onChange();
  }

  #emit(event: ServiceEvent): void {
    void this.#around.onEvent(event);
  }

  #at() {
    return { service: this.spec.name, atMs: this.#around.clock.epochMs() };
  }
}
