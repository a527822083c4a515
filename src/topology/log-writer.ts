import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
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
 * Appends lines to a log file, puts it aside when it is full and begins another. A write never fails: what a service does
 * must not depend on our disk. Lines that cannot be written are counted, and the log says how many they were as soon as it
 * can. It writes at once, because to have another thread do so costs ten times as much as what it does.
 */
export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #limits: LogLimits;
  #file: number | undefined;
  #inode = 0;
  #size = 0;
  /** Of the file that was put aside last. */
  #number = 0;
  #missing = 0;
  #retryAtMs = 0;
  readonly #told = new Set<string>();

  constructor(options: LogWriterOptions) {
    this.#options = options;
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.write([]);
  }

  /** @param lines each with its end; afterwards they are written, or counted as missing */
  write(lines: readonly string[]): void {
    if (this.#missing > 0 && performance.now() < this.#retryAtMs) {
      this.#missing += lines.length;
      return;
    }
    let written = 0;
    try {
      this.#ensureFile();
      if (this.#missing > 0) this.#noteMissing();
      while (written < lines.length) written += this.#writeWhatFits(lines.slice(written));
    } catch (error) {
      const { path, retryMs = RETRY_MS } = this.#options;
      this.#missing += lines.length - written;
      this.#retryAtMs = performance.now() + retryMs;
      this.close();
      this.#tell('write', `the log file ${path} cannot be written: ${messageOf(error)}; the service goes on`);
    }
  }

  close(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) return;
    try {
      closeSync(file);
    } catch {
      // A disk that could not take what was written says so when the file is closed, too.
    }
  }

  #noteMissing(): void {
    const count = this.#missing === 1 ? 'a line is' : `${this.#missing} lines are`;
    this.#append(this.#options.noteLine(`shopctl: ${count} missing here, they could not be written`));
    this.#missing = 0;
  }

  /** Writes lines up to the size of a file, one at least, and answers how many. */
  #writeWhatFits(lines: readonly string[]): number {
    let bytes = 0;
    let count = 0;
    for (const line of lines) {
      bytes += Buffer.byteLength(line);
      if (count > 0 && this.#size + bytes > this.#limits.maxBytes) break;
      if (count === 0 && this.#size > 0 && this.#size + bytes > this.#limits.maxBytes) this.#rotate();
      count += 1;
    }
    this.#append(lines.slice(0, count).join(''));
    return count;
  }

  #append(text: string): void {
    const file = this.#file;
    if (file === undefined) return;
    const bytes = Buffer.from(text);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      this.#size += bytes.length;
    } catch (error) {
      this.#cutOff(file);
      throw error;
    }
  }

  /** Half a line must not be taken for the beginning of the next one. */
  #cutOff(file: number): void {
    try {
      ftruncateSync(file, this.#size);
    } catch {
      // What the disk does not take back stays; the note of what is missing follows it.
    }
  }

  #rotate(): void {
    const { path } = this.#options;
    this.close();
    const numbers = segmentNumbers(path);
    this.#number = Math.max(this.#number, numbers.at(-1) ?? 0) + 1;
    renameSync(path, segmentPath(path, this.#number));
    this.#openFile();
    for (const outdated of [...numbers, this.#number].slice(0, -this.#limits.keep))
      rmSync(segmentPath(path, outdated), { force: true });
  }

  /** Somebody may have taken the file away, or the whole folder: then all that comes would vanish without a word. */
  #ensureFile(): void {
    const { path } = this.#options;
    if (this.#file !== undefined) {
      if (statSync(path, { throwIfNoEntry: false })?.ino === this.#inode) return;
      this.close();
      this.#tell('gone', `the log file ${path} was taken away; what follows goes into a new one`);
    }
    this.#openFile();
  }

  #openFile(): void {
    this.#file = openMaking(this.#options.path);
    const { ino, size } = fstatSync(this.#file);
    this.#inode = ino;
    this.#size = size;
  }

  #tell(kind: string, sentence: string): void {
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    this.#options.onTrouble(sentence);
  }
}

/** Makes the folders that are ours, `.shopctl/logs`, where they are missing; not the project's, which was removed. */
function openMaking(path: string): number {
  try {
    return openSync(path, 'a');
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
    const logs = dirname(path);
    for (const folder of [dirname(logs), logs]) makeFolder(folder);
    return openSync(path, 'a');
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  }
}
