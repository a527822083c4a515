import { type FileHandle, open, stat } from 'node:fs/promises';
import { ShopctlError } from '../errors/index.ts';
import type { LogLine } from '../model/index.ts';
import { LineSplitter } from './line-splitter.ts';
import { MAX_LINE_LENGTH, parseLogLine } from './log-format.ts';
import { isErrno } from './process-group.ts';

export interface ServiceLogLine extends LogLine {
  readonly service: string;
}

const CHUNK_BYTES = 65_536;
const HEAD_BYTES = 64;
/** A stored line is a kept one, its stamp, and a note where it was cut. */
const STORED_LINE_LENGTH = MAX_LINE_LENGTH + 256;

/** A place in a log file: reads on from there, and from the start again when a new run has replaced the file. */
export class LogCursor {
  readonly #service: string;
  readonly #path: string;
  #offset = 0;
  /** The file as it was last seen: unchanged since, there is nothing to read. */
  #seen = '';
  #head: Buffer = Buffer.alloc(0);
  #splitter = new LineSplitter(STORED_LINE_LENGTH);
  #lastAtMs = 0;

  constructor({ service, path }: { readonly service: string; readonly path: string }) {
    this.#service = service;
    this.#path = path;
  }

  /**
   * Whole lines from the cursor to what is the end of the file now; a file that is not there has none.
   * @throws ShopctlError `state-unusable` when there is something that cannot be read
   */
  async *lines(): AsyncGenerator<ServiceLogLine> {
    try {
      yield* this.#newLines();
    } catch (error) {
      if (error instanceof Error && 'code' in error) throw unreadable(this.#path, error);
      throw error;
    }
  }

  async *#newLines(): AsyncGenerator<ServiceLogLine> {
    const stats = await this.#stat();
    const seen = `${stats?.size} ${stats?.mtimeMs}`;
    if (stats === undefined || seen === this.#seen) return;
    const file = await open(this.#path, 'r');
    try {
      await this.#rewindIfReplaced(file);
      yield* this.#read(file, stats.size);
      this.#seen = seen;
    } finally {
      await file.close();
    }
  }

  /** Another first line, stamp included, is another run. Inode numbers tell nothing: a new file often gets the old one's. */
  async #rewindIfReplaced(file: FileHandle): Promise<void> {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const head = buffer.subarray(0, bytesRead);
    if (!head.subarray(0, this.#head.length).equals(this.#head)) {
      this.#offset = 0;
      this.#splitter = new LineSplitter(STORED_LINE_LENGTH);
    }
    this.#head = head;
  }

  async *#read(file: FileHandle, end: number): AsyncGenerator<ServiceLogLine> {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    while (this.#offset < end) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, this.#offset);
      if (bytesRead === 0) return;
      this.#offset += bytesRead;
      for (const line of this.#splitter.push(buffer.subarray(0, bytesRead))) yield this.#parse(line);
    }
  }

  #parse(line: string): ServiceLogLine {
    const parsed = parseLogLine(line) ?? { atMs: this.#lastAtMs, text: line };
    this.#lastAtMs = parsed.atMs;
    return { service: this.#service, ...parsed };
  }

  async #stat() {
    try {
      return await stat(this.#path);
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined;
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
