import { relative } from 'node:path';
import type { OwnService, WatchSpec } from '../../config/project.ts';
import { ShopctlError } from '../../errors/index.ts';
import { pause } from '../pause.ts';
import type { RunSurroundings } from '../run-surroundings.ts';
import { fileFilter } from './file-filter.ts';
import { runBuild } from './run-build.ts';
import { type FileWatch, watchFiles } from './watch-files.ts';

export interface WatchSurroundings {
  readonly around: RunSurroundings;
  /** The project's folder: files are named from there. */
  readonly root: string;
  /** Restarts a service, and waits for other work on it before. @throws ShopctlError */
  readonly restart: (service: string) => Promise<void>;
  /** Whether the service failed to start: then that has been told. */
  readonly hasFailed: (service: string) => boolean;
}

/** Names that an event carries; of more only the number is told. */
const MAX_FILES_TOLD = 5;

/**
 * Watches the files of one service. When they have changed and are quiet again it is built, where it has a build, and
 * restarted. One at a time: what changes meanwhile leads to one more build and restart.
 */
export class ServiceWatch {
  readonly #spec: OwnService;
  readonly #watch: WatchSpec;
  readonly #surroundings: WatchSurroundings;
  readonly #closing = new AbortController();
  readonly #files: FileWatch;
  readonly #changed = new Set<string>();
  #lastChangeMs = 0;
  #working: Promise<void> | undefined;

  constructor(spec: OwnService, watch: WatchSpec, surroundings: WatchSurroundings) {
    this.#spec = spec;
    this.#watch = watch;
    this.#surroundings = surroundings;
    this.#files = watchFiles({
      filter: fileFilter(watch.paths, watch.ignore),
      onChange: (file) => this.#onChange(file),
      onTrouble: (message) => this.#complain(`not all of its files can be watched: ${message}`),
    });
  }

  /** Resolves when nothing is watched and no build runs any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#files.close();
    await this.#working;
  }

  get #isOver(): boolean {
    return this.#closing.signal.aborted;
  }

  #onChange(file: string): void {
    if (this.#isOver) return;
    this.#changed.add(file);
    this.#lastChangeMs = this.#surroundings.around.clock.monotonicMs();
    this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    while (this.#changed.size > 0 && !this.#isOver) {
      await this.#untilQuiet();
      if (this.#isOver) break;
      this.#tellChange();
      if (await this.#build()) await this.#restart();
    }
    this.#working = undefined;
  }

  async #untilQuiet(): Promise<void> {
    const { clock } = this.#surroundings.around;
    const leftMs = () => this.#lastChangeMs + this.#watch.debounceMs - clock.monotonicMs();
    while (leftMs() > 0 && !this.#isOver) await pause(leftMs(), this.#closing.signal);
  }

  #tellChange(): void {
    const { root, around } = this.#surroundings;
    const all = [...this.#changed].map((file) => relative(root, file)).sort();
    this.#changed.clear();
    const files = all.slice(0, MAX_FILES_TOLD);
    void around.onEvent({ type: 'service-changed', ...this.#at(), files, count: all.length });
  }

  /** Whether there is something new to start. */
  async #build(): Promise<boolean> {
    const { build: command } = this.#watch;
    const { around } = this.#surroundings;
    if (command === undefined) return true;
    void around.onEvent({ type: 'service-building', ...this.#at(), command: command.join(' ') });
    const { signal } = this.#closing;
    const outcome = await runBuild({ spec: this.#spec, command, around, signal });
    if (this.#isOver) return false;
    if (outcome.ok) void around.onEvent({ type: 'service-built', ...this.#at(), tookMs: outcome.tookMs });
    else {
      const { reason: message, lastLines } = outcome;
      void around.onEvent({ type: 'service-build-failed', ...this.#at(), message, lastLines });
    }
    return outcome.ok;
  }

  async #restart(): Promise<void> {
    const { name } = this.#spec;
    try {
      await this.#surroundings.restart(name);
    } catch (error) {
      if (!(error instanceof ShopctlError)) throw error;
      // A start that fails is told by the service itself.
      if (!this.#isOver && !this.#surroundings.hasFailed(name)) this.#complain(error.message);
    }
  }

  #complain(message: string): void {
    void this.#surroundings.around.onEvent({ type: 'service-watch-trouble', ...this.#at(), message });
  }

  #at() {
    return { service: this.#spec.name, atMs: this.#surroundings.around.clock.epochMs() };
  }
}
