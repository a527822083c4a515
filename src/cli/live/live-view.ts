import { ShopctlError } from '../../errors/index.ts';
import { deferred } from '../../lib/deferred.ts';
import type { ServiceOperation, ServiceStatus } from '../../topology/index.ts';
import type { ServiceRow } from '../status-table.ts';
import { UsageMeter } from '../usage-meter.ts';
import type { ServiceFacts } from './detail.ts';
import { frame } from './frame.ts';
import type { Key } from './keys.ts';
import type { LiveRun } from './live-run.ts';
import { initialState, type LiveEvent, type LiveState, reduce, wishOf } from './live-state.ts';
import { Painter } from './painter.ts';
import { PendingLines } from './pending-lines.ts';
import { Terminal, type TerminalStreams } from './terminal.ts';

export interface LiveViewOptions extends TerminalStreams {
  readonly run: LiveRun;
  readonly topology: string;
  readonly isAttached: boolean;
  readonly services: readonly ServiceStatus[];
  readonly facts: ReadonlyMap<string, ServiceFacts>;
  readonly color: boolean;
  readonly isForeground: () => boolean;
  /** As if the terminal had sent SIGINT, which it does not in raw mode. */
  readonly interrupt: () => void;
}

/** Between two frames. */
const FRAME_MS = 100;
/** Between two looks at what the services use. */
const LOOK_MS = 1_000;

/** Services at the bottom of the terminal, their log lines above, and keys: from `open` to `close`. */
export class LiveView {
  readonly #options: LiveViewOptions;
  readonly #terminal: Terminal;
  readonly #painter = new Painter();
  readonly #meter = new UsageMeter();
  readonly #pending = new PendingLines();
  readonly #left = deferred();
  #state: LiveState;
  #usage: ReadonlyMap<string, ServiceRow> = new Map();
  #paintedAtMs = Number.NEGATIVE_INFINITY;
  #frameTimer: NodeJS.Timeout | undefined;
  #lookTimer: NodeJS.Timeout | undefined;
  #isStale = false;
  #isHeld = false;
  #isOver = false;

  constructor(options: LiveViewOptions) {
    this.#options = options;
    const { topology, isAttached, services: rows, isForeground } = options;
    this.#state = initialState({ topology, isAttached, rows });
    this.#terminal = new Terminal(options, {
      onKey: (key) => this.#onKey(key),
      onResize: () => {
        options.stdout.write(this.#painter.resized(this.#width));
        this.#paint();
      },
      onLeave: () => this.#write(this.#painter.clear(this.#width) + this.#pending.takeAll()),
      onReturn: () => this.#paint(),
      isForeground,
    });
  }

  /** Settles when `q` was pressed. Rejects with a bug of ours. */
  get left(): Promise<void> {
    return this.#left.promise;
  }

  open(): void {
    this.#left.promise.catch(() => undefined);
    this.#terminal.open();
    void this.#lookAgain();
  }

  /** Takes the view away and gives the terminal back. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#frameTimer);
    clearTimeout(this.#lookTimer);
    this.#terminal.close();
    this.#write(this.#pending.takeAll());
  }

  /** Lines of a service, ready to print; a promise where there are so many that whoever writes them has to wait. */
  lines(service: string, text: () => string): Promise<void> | undefined {
    const { logsOf } = this.#state;
    if (logsOf !== undefined && logsOf !== service) return undefined;
    const room = this.#pending.add(text());
    this.#soon();
    return room;
  }

  /** What happened, as whole lines, which no filter holds back. */
  words(text: string): void {
    void this.#pending.add(text);
    this.happened();
  }

  /** The services are not as they are shown. */
  happened(): void {
    this.#isStale = true;
    this.#soon();
  }

  get #width(): number {
    return this.#options.stdout.columns ?? 80;
  }

  #onKey(key: Key): void {
    const wish = wishOf(this.#state, key);
    this.#take({ type: 'key', key });
    if (wish === undefined) return;
    if (wish.kind === 'quit') this.#left.resolve();
    else if (wish.kind === 'interrupt') this.#options.interrupt();
    else if (wish.kind === 'suspend') this.#terminal.suspend();
    else void this.#perform(wish.operation, wish.service);
  }

  async #perform(operation: ServiceOperation, service: string): Promise<void> {
    this.#take({ type: 'asked', operation, service });
    try {
      await this.#options.run.perform(operation, service);
      this.#take({ type: 'done', service });
    } catch (error) {
      if (!(error instanceof ShopctlError)) return this.#left.reject(error);
      const { message, hint } = error;
      this.#take({ type: 'refused', service, words: hint === undefined ? message : `${message}; ${hint}` });
    }
    this.happened();
  }

  #take(event: LiveEvent): void {
    this.#state = reduce(this.#state, event);
    this.#soon();
  }

  /** Paints in the next moment at which a frame is due. A flood of lines is not held back for that. */
  #soon(): void {
    if (this.#frameTimer !== undefined || this.#isOver) return;
    const waitMs = this.#paintedAtMs + FRAME_MS - performance.now();
    this.#frameTimer = setTimeout(() => this.#frameIsDue(), this.#pending.isFlood ? 0 : waitMs);
  }

  #frameIsDue(): void {
    this.#frameTimer = undefined;
    if (this.#isOver || this.#isHeld) return;
    if (this.#isStale) void this.#readStates();
    this.#paint();
    if (!this.#pending.isEmpty) this.#soon();
  }

  #paint(): void {
    const logs = this.#pending.take();
    const { stdout, color, facts } = this.#options;
    const { columns: width = 80, rows: height = 24 } = stdout;
    this.#paintedAtMs = performance.now();
    // Another job has the terminal: log lines go there as they would without a view.
    if (!this.#terminal.isOurs) {
      this.#write(logs);
      return;
    }
    const lines = frame(this.#state, { width, height, color, facts, nowMs: Date.now() });
    this.#write(this.#painter.next(logs, lines, width));
  }

  /** A terminal that takes no more holds back the next frame, and the lines that wait for it. */
  #write(text: string): void {
    if (text === '' || this.#options.stdout.write(text) || this.#isHeld) return;
    this.#isHeld = true;
    this.#options.stdout.once('drain', () => {
      this.#isHeld = false;
      this.#soon();
    });
  }

  /** States change at once; what processes use is looked up every second. */
  async #readStates(): Promise<void> {
    this.#isStale = false;
    try {
      const services = await this.#options.run.services();
      this.#take({ type: 'rows', rows: services.map((one) => this.#withUsage(one)) });
    } catch (error) {
      this.#fail(error);
    }
  }

  #withUsage(service: ServiceStatus): ServiceRow {
    const row = this.#usage.get(service.name);
    if (row === undefined || row.pid !== service.pid) return service;
    const { cpuPercent, rssBytes, uptimeMs } = row;
    return {
      ...service,
      ...(cpuPercent === undefined ? {} : { cpuPercent }),
      ...(rssBytes === undefined ? {} : { rssBytes }),
      ...(uptimeMs === undefined ? {} : { uptimeMs }),
    };
  }

  async #lookAgain(): Promise<void> {
    try {
      const rows = await this.#meter.rows(await this.#options.run.services());
      if (this.#isOver) return;
      this.#usage = new Map(rows.map((row) => [row.name, row]));
      this.#terminal.enter();
      this.#take({ type: 'rows', rows });
      this.#lookTimer = setTimeout(() => void this.#lookAgain(), LOOK_MS);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A run that is gone is told by whoever waits for its end; anything else is a bug of ours. */
  #fail(error: unknown): void {
    if (!(error instanceof ShopctlError)) this.#left.reject(error);
  }
}
