import { type Key, keysOf } from './keys.ts';

export interface TerminalStreams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
}

export interface TerminalListener {
  readonly onKey: (key: Key) => void;
  readonly onResize: () => void;
  /** It is about to be given back: the last write, which must not wait. */
  readonly onLeave: () => void;
  /** It is ours again. */
  readonly onReturn: () => void;
  /** Whether keys may be taken at this moment. */
  readonly isForeground: () => boolean;
}

/** A job that cannot be suspended goes on at once; one that can is stopped before this is over. */
const RETURN_MS = 100;

/**
 * The terminal while it is ours: raw mode, keys, resize, suspension. Whatever ends us, it is given back as it was: the
 * system's mode by Node at any exit, the rest by `exit`.
 */
export class Terminal {
  readonly #streams: TerminalStreams;
  readonly #listener: TerminalListener;
  #isOurs = false;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(streams: TerminalStreams, listener: TerminalListener) {
    this.#streams = streams;
    this.#listener = listener;
  }

  /** False while another job has it. */
  get isOurs(): boolean {
    return this.#isOurs;
  }

  open(): void {
    const { stdin, stdout } = this.#streams;
    // A terminal that was closed: SIGHUP says so as well, and ends what goes on.
    stdin.on('error', ignore);
    stdin.on('data', this.#onData);
    stdout.on('resize', this.#onResize);
    process.on('exit', this.#leave);
    process.on('SIGTSTP', this.#suspend);
    process.on('SIGCONT', this.enter);
    this.enter();
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    const { stdin, stdout } = this.#streams;
    this.#leave();
    stdin.off('data', this.#onData);
    stdout.off('resize', this.#onResize);
    process.off('exit', this.#leave);
    process.off('SIGTSTP', this.#suspend);
    process.off('SIGCONT', this.enter);
    stdin.pause();
  }

  /** Takes it when it is ours to take. */
  readonly enter = (): void => {
    if (this.#isOurs || this.#isOver || !this.#listener.isForeground()) return;
    const { stdin } = this.#streams;
    this.#isOurs = true;
    stdin.setRawMode(true);
    stdin.resume();
    this.#listener.onReturn();
  };

  /** As the terminal does for Ctrl-Z: every process of the job is stopped. */
  suspend(): void {
    this.#suspend('SIGTSTP', true);
  }

  readonly #suspend = (_name: string, isWholeJob: unknown = false): void => {
    this.#leave();
    process.off('SIGTSTP', this.#suspend);
    process.kill(isWholeJob === true ? 0 : process.pid, 'SIGTSTP');
    this.#timer = setTimeout(() => {
      if (this.#isOver) return;
      process.on('SIGTSTP', this.#suspend);
      this.enter();
    }, RETURN_MS);
  };

  readonly #leave = (): void => {
    if (!this.#isOurs) return;
    this.#isOurs = false;
    this.#listener.onLeave();
    this.#streams.stdin.setRawMode(false);
  };

  readonly #onResize = (): void => {
    if (this.#isOurs) this.#listener.onResize();
  };

  readonly #onData = (chunk: Buffer | string): void => {
    if (!this.#isOurs) return;
    for (const key of keysOf(chunk.toString())) this.#listener.onKey(key);
  };
}

const ignore = () => undefined;
