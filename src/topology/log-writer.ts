import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LogLimits } from '../config/project.ts';
import { messageOf } from '../errors/index.ts';
import { segmentNumbers, segmentPath } from './log-segments.ts';
import { isErrno } from './process-group.ts';

const DEFAULT_LIMITS: LogLimits = { maxBytes: 20_000_000, keep: 4 };
/** A disk that was full may have room again. */
const RETRY_MS = 1_000;

export interface LogWriterOptions {
  readonly path: string;
  readonly limits?: LogLimits;
  /** A sentence, the first time that a file cannot be written and the first time that one was taken away. */
  readonly onTrouble: (sentence: string) => void;
  /** Makes the line that a log gets where lines are missing. */
  readonly noteLine: (text: string) => string;
  readonly retryMs?: number;
}

/**
 * Appends lines to a log file, puts it aside when it is full and begins another. A write waits for the one before, and
 * never fails: what a service does must not depend on our disk. Lines that cannot be written are counted, and the log says
 * how many they were as soon as it can.
 */
export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #limits: LogLimits;
  #file: FileHandle | undefined;
  #inode = 0;
  #size = 0;
  #number = 0;
  #missing = 0;
  #retryAtMs = 0;
  readonly #told = new Set<string>();
  #last: Promise<void>;

  constructor(options: LogWriterOptions) {
    this.#options = options;
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.#last = this.#write([]);
  }

  /** @param lines each with its end; resolves when they are written, or counted as missing */
  write(lines: readonly string[]): Promise<void> {
    this.#last = this.#last.then(() => this.#write(lines));
    return this.#last;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#closeFile();
  }

  async #write(lines: readonly string[]): Promise<void> {
    if (this.#missing > 0 && performance.now() < this.#retryAtMs) {
      this.#missing += lines.length;
      return;
    }
    let written = 0;
    try {
      await this.#ensureFile();
      if (this.#missing > 0) await this.#noteMissing();
      while (written < lines.length) written += await this.#writeWhatFits(lines.slice(written));
    } catch (error) {
      const { path, retryMs = RETRY_MS } = this.#options;
      this.#missing += lines.length - written;
      this.#retryAtMs = performance.now() + retryMs;
      await this.#closeFile();
      this.#tell('write', `the log file ${path} cannot be written: ${messageOf(error)}; the service goes on`);
    }
  }

  async #noteMissing(): Promise<void> {
    const count = this.#missing === 1 ? 'a line is' : `${this.#missing} lines are`;
    await this.#append(this.#options.noteLine(`shopctl: ${count} missing here, they could not be written`));
    this.#missing = 0;
  }

  /** Writes lines up to the size of a file, one at least, and resolves to how many. */
  async #writeWhatFits(lines: readonly string[]): Promise<number> {
    let bytes = 0;
    let count = 0;
    for (const line of lines) {
      bytes += Buffer.byteLength(line);
      if (count > 0 && this.#size + bytes > this.#limits.maxBytes) break;
      if (count === 0 && this.#size > 0 && this.#size + bytes > this.#limits.maxBytes) await this.#rotate();
      count += 1;
    }
    await this.#append(lines.slice(0, count).join(''));
    return count;
  }

  async #append(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    try {
      await this.#file?.appendFile(bytes);
      this.#size += bytes.length;
    } catch (error) {
      // Half a line must not be taken for the beginning of the next one.
      await this.#file?.truncate(this.#size).catch(() => undefined);
      throw error;
    }
  }

  async #rotate(): Promise<void> {
    const { path } = this.#options;
    await this.#closeFile();
    await rename(path, segmentPath(path, this.#number));
    await this.#openFile();
    const outdated = (await segmentNumbers(path)).slice(0, -this.#limits.keep);
    for (const number of outdated) await rm(segmentPath(path, number), { force: true });
  }

  /** Somebody may have taken the file away, or the whole folder: then all that comes would vanish without a word. */
  async #ensureFile(): Promise<void> {
    if (this.#file !== undefined) {
      const found = await stat(this.#options.path).catch(() => undefined);
      if (found?.ino === this.#inode) return;
      await this.#closeFile();
      this.#tell(
        'gone',
        `the log file ${this.#options.path} was taken away; what follows goes into a new one`,
      );
    }
    await this.#openFile();
  }

  async #openFile(): Promise<void> {
    const { path } = this.#options;
    await makeFolders(path);
    this.#file = await open(path, 'a');
    const { ino, size } = await this.#file.stat();
    this.#inode = ino;
    this.#size = size;
    this.#number = ((await segmentNumbers(path)).at(-1) ?? 0) + 1;
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => undefined);
  }

  #tell(kind: string, sentence: string): void {
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    this.#options.onTrouble(sentence);
  }
}

/** The folders that are ours, `.shopctl/logs`; a project that was removed is not made anew. */
async function makeFolders(path: string): Promise<void> {
  const logs = dirname(path);
  for (const folder of [dirname(logs), logs]) {
    await mkdir(folder).catch((error: unknown) => {
      if (!isErrno(error, 'EEXIST')) throw error;
    });
  }
}
