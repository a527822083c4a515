import type { ServiceSpec } from '../config/project.ts';
import type { ServiceEvent, ServiceExit, StopOutcome } from '../model/index.ts';
import { plannedStatus } from './planned-status.ts';
import type { RunSurroundings } from './run-surroundings.ts';
import type { ProcessEnd } from './service-process.ts';
import type { ServiceState, ServiceStatus } from './state.ts';

/** What is known of one service of a run, and the way on which others hear of it. */
export class ServiceRecord {
  readonly #around: RunSurroundings;
  #status: ServiceStatus;

  constructor(spec: ServiceSpec, around: RunSurroundings) {
    this.#around = around;
    this.#status = { ...plannedStatus(spec, around.stateDir), state: 'waiting', since: this.#now() };
  }

  get status(): ServiceStatus {
    return this.#status;
  }

  /** It exists as a process, or (elsewhere) is asked for the first time. */
  starting(process: { readonly pid?: number; readonly startTime?: string } = {}): void {
    this.become('starting', process);
    const { pid } = process;
    this.#emit({ type: 'service-starting', ...this.#at(), ...(pid === undefined ? {} : { pid }) });
  }

  ready(tookMs: number): void {
    this.become('ready', { readyAfterMs: Math.round(tookMs) });
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
  }

  completed(tookMs: number): void {
    this.become('completed', { exit: { code: 0 } });
    this.#emit({ type: 'service-completed', ...this.#at(), tookMs });
  }

  unhealthy(reason: string): void {
    this.become('unhealthy', { reason });
    this.#emit({ type: 'service-unhealthy', ...this.#at(), message: reason });
  }

  healthy(): void {
    this.become('ready');
    this.#emit({ type: 'service-healthy', ...this.#at() });
  }

  /** What it needs is back, and it answers. */
  resumed(): void {
    this.#emit({ type: 'service-resumed', ...this.#at() });
  }

  failed(message: string, exit: ServiceExit | undefined, lastLines: readonly string[]): void {
    const { required } = this.#status;
    this.become('failed', { reason: message, ...(exit === undefined ? {} : { exit }) });
    this.#emit({ type: 'service-failed', ...this.#at(), required, message, lastLines });
  }

  /** After `become('exited')`: its last lines take a moment to come in. */
  exited(end: ProcessEnd, lastLines: readonly string[]): void {
    const { required } = this.#status;
    this.#emit({ type: 'service-exited', ...this.#at(), required, ...end, lastLines });
  }

  restarting(wait: { readonly afterMs: number; readonly attempt: number }): void {
    this.become('restarting', { restarts: (this.#status.restarts ?? 0) + 1 });
    this.#emit({ type: 'service-restarting', ...this.#at(), ...wait });
  }

  stopping(): void {
    this.become('stopping');
    this.#emit({ type: 'service-stopping', ...this.#at() });
  }

  stopped(how: StopOutcome, tookMs: number): void {
    this.#emit({ type: 'service-stopped', ...this.#at(), how, tookMs });
  }

  /** Somebody else started it, and goes on with it. */
  left(): StopOutcome {
    this.become('stopped', { how: 'left-running' });
    this.stopped('left-running', 0);
    return 'left-running';
  }

  become(state: ServiceState, facts: Partial<ServiceStatus> = {}): void {
    this.#status = { ...this.#status, ...facts, state, since: this.#now() };
    this.#around.onChange();
  }

  /** Why and how an earlier process of it came to its end is no news of the next one. */
  forgetEnd(): void {
    const { reason: _reason, how: _how, ...rest } = this.#status;
    this.#status = rest;
  }

  forgetProcess(): void {
    const { pid, startTime, ...rest } = this.#status;
    if (pid === undefined && startTime === undefined) return;
    this.#status = rest;
    this.#around.onChange();
  }

  #emit(event: ServiceEvent): void {
    void this.#around.onEvent(event);
  }

  #at() {
    return { service: this.#status.name, atMs: this.#around.clock.epochMs() };
  }

  #now(): string {
    return new Date(this.#around.clock.epochMs()).toISOString();
  }
}
