import { ShopctlError } from '../errors/index.ts';
import type { LogLine } from '../model/index.ts';
import { LineSplitter } from './line-splitter.ts';
import { MAX_LINE_LENGTH, parseLogLine } from './log-format.ts';
import { LogReel } from './log-reel.ts';

export interface ServiceLogLine extends LogLine {
  readonly service: string;
  readonly stream: 'stdout' | 'stderr';
  /** It belongs to the line before it: a line of a stack, the end of a printed object. */
  readonly continues: boolean;
  /** When the first line came of those that belong together. */
  readonly entryAtMs: number;
}

export interface LogCursorOptions {
  readonly service: string;
  readonly path: string;
  /** False: ends where the log ends when reading begins. */
  readonly follow: boolean;
  /** Files of which every line is older than this, in epoch milliseconds, are not read. */
  readonly sinceMs?: number;
  /** Called when files were removed before they were read to their end. */
  readonly onGap: (service: string) => void;
}

const CHUNK_BYTES = 65_536;
/** A stored line is a kept one, its stamp, and a note where it was cut. */
const STORED_LINE_LENGTH = MAX_LINE_LENGTH + 256;
/** An indented line, a closing bracket, or what the JVM puts below a stack. */
export const CONTINUATION = /^(?:[ \t]+\S|[}\])]|Caused by: |\.\.\. \d+ more)/;
/** What one program writes at once may come in two pieces, but soon after each other. */
const TOGETHER_MS = 250;

/** A place in the log of a service, which goes on from file to file, and to the first file of a new run. */
export class LogCursor {
  readonly service: string;
  readonly #reel: LogReel;
  readonly #path: string;
  readonly #buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  #splitter = new LineSplitter(STORED_LINE_LENGTH);
  #lastAtMs = 0;
  #entryAtMs = 0;

  constructor({ service, path, follow, sinceMs = 0, onGap }: LogCursorOptions) {
    this.service = service;
    this.#path = path;
    this.#reel = new LogReel({ path, follow, sinceMs, onGap: () => onGap(service) });
  }

  /**
   * The next whole lines, those of one chunk; none at the end of what is written now.
   * @throws ShopctlError `state-unusable` when there is something that cannot be read
   */
  async read(): Promise<ServiceLogLine[]> {
    return this.#guarded(async () => {
      for (;;) {
        const piece = await this.#reel.read(this.#buffer);
        if (piece === 'end') return [];
        const texts = piece === 'next-file' ? this.#finishFile() : this.#splitter.push(piece);
        if (texts.length > 0) return texts.map((text) => this.#parse(text));
      }
    });
  }

  /** Moves to where so many of the last lines begin that `counts` accepts: there, or a little earlier. */
  async seekLast(count: number, counts: (line: ServiceLogLine) => boolean): Promise<void> {
    const accepts = (text: string) => counts(this.#parse(text));
    await this.#guarded(() => this.#reel.seekLast(count, accepts));
    this.#lastAtMs = 0;
  }

  close(): Promise<void> {
    return this.#reel.close();
  }

  /** A file ends with a whole line, unless whoever wrote it was killed. */
  #finishFile(): string[] {
    const rest = this.#splitter.end();
    this.#splitter = new LineSplitter(STORED_LINE_LENGTH);
    return rest;
  }

  #parse(line: string): ServiceLogLine {
    const parsed = parseLogLine(line) ?? { atMs: this.#lastAtMs, text: line, stream: 'stdout' as const };
    const { atMs, text } = parsed;
    const sinceLastMs = atMs - this.#lastAtMs;
    const continues = sinceLastMs >= 0 && sinceLastMs <= TOGETHER_MS && CONTINUATION.test(text);
    this.#lastAtMs = atMs;
    if (!continues) this.#entryAtMs = atMs;
    return { service: this.service, ...parsed, continues, entryAtMs: this.#entryAtMs };
  }

  async #guarded<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (error instanceof Error && 'code' in error && !(error instanceof ShopctlError)) {
        throw unreadable(this.#path, error);
      }
      throw error;
    }
  }
}

function unreadable(path: string, cause: Error): ShopctlError {
  return new ShopctlError('state-unusable', {
    message: `the log file ${path} cannot be read: ${cause.message}`,
    hint: 'shopctl writes it anew at the next start: make its place readable and writable for you',
    cause,
  });
}
