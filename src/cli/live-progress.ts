import type { ChalkInstance } from 'chalk';
import { Listr, ListrLogger, ProcessOutput } from 'listr2';
import { formatDuration } from '../lib/duration.ts';
import type { ServiceEvent } from '../model/index.ts';
import { describeEvent } from './service-words.ts';

export interface LiveProgress {
  onEvent(event: ServiceEvent): void;
  /** Leaves the lines as they are and gives the terminal back. */
  finish(): Promise<void>;
}

interface LiveOptions {
  readonly stderr: NodeJS.WriteStream;
  readonly services: readonly string[];
  readonly chalk: ChalkInstance;
}

const REDRAW_MS = 100;

/** One line per service on a terminal: spinner and elapsed time while it starts, then how it came out. */
export function startLiveProgress({ stderr, services, chalk }: LiveOptions): LiveProgress {
  const width = Math.max(0, ...services.map((name) => name.length));
  const lines = new Map(services.map((name) => [name, new LiveLine(name.padEnd(width), chalk)]));
  const tasks = [...lines.values()].map((line) => ({
    title: line.title,
    task: (_context: unknown, task: Titled) => line.shownBy(task),
  }));
  const shown = new Listr(tasks, {
    concurrent: true,
    exitOnError: false,
    registerSignalListeners: false,
    renderer: 'default',
    rendererOptions: {
      showErrorMessage: false,
      showSkipMessage: false,
      logger: new ListrLogger({ processOutput: new ProcessOutput(stderr, stderr) }),
    },
  }).run();
  const redraw = setInterval(() => {
    for (const line of lines.values()) line.tick();
  }, REDRAW_MS);
  return {
    onEvent: (event) => lines.get(event.service)?.onEvent(event),
    finish: async () => {
      clearInterval(redraw);
      for (const line of lines.values()) line.giveUp();
      await shown;
    },
  };
}

/** What of a listr2 task a line needs. */
interface Titled {
  title: string;
  skip(message?: string): void;
}

class LiveLine {
  title: string;
  readonly #name: string;
  readonly #chalk: ChalkInstance;
  readonly #outcome: Promise<'ready' | 'failed' | 'open'>;
  #settle: (outcome: 'ready' | 'failed' | 'open') => void = () => undefined;
  #task: Titled | undefined;
  #startedAtMs: number | undefined;
  #isOver = false;

  constructor(name: string, chalk: ChalkInstance) {
    this.#name = name;
    this.#chalk = chalk;
    this.title = `${name}  ${chalk.dim('waiting')}`;
    this.#outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Settles with the service: listr2 shows the line as done, failed or skipped. */
  async shownBy(task: Titled): Promise<void> {
    this.#task = task;
    task.title = this.title;
    const outcome = await this.#outcome;
    if (outcome === 'failed') throw new Error(this.title);
    if (outcome === 'open') task.skip();
  }

  onEvent(event: ServiceEvent): void {
    const words = describeEvent(event, this.#chalk);
    if (words !== undefined) this.#say(words);
    if (event.type === 'service-starting') this.#startedAtMs = event.atMs;
    if (event.type === 'service-ready' || event.type === 'service-completed') this.#end('ready');
    if (event.type === 'service-failed' || event.type === 'service-exited') this.#end('failed');
  }

  tick(): void {
    if (this.#startedAtMs === undefined) return;
    const elapsedMs = Math.max(0, Date.now() - this.#startedAtMs);
    this.#say(this.#chalk.dim(`starting, ${formatDuration(elapsedMs)}`));
  }

  /** Whatever has not come out by now was stopped on the way. */
  giveUp(): void {
    if (this.#isOver) return;
    this.#say(this.#chalk.dim('not ready'));
    this.#end('open');
  }

  #end(outcome: 'ready' | 'failed' | 'open'): void {
    this.#startedAtMs = undefined;
    this.#isOver = true;
    this.#settle(outcome);
  }

  #say(words: string): void {
    this.title = `${this.#name}  ${words}`;
    if (this.#task !== undefined) this.#task.title = this.title;
  }
}
