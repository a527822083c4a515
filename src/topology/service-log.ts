import { createWriteStream, type WriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogLine } from '../model/index.ts';
import { LastLines, type OutputStream } from './last-lines.ts';
import { LineSplitter } from './line-splitter.ts';
import { formatLogLine, MAX_LINE_LENGTH } from './log-format.ts';

/** Output of a dead process is in the pipe already; this long without any of it means that all has been read. */
const QUIET_MS = 40;
/** A descendant may hold the pipe and write for ever. */
const DRAIN_LIMIT_MS = 250;
/** A listener that takes nothing more (a terminal that is held) must not hold up the end. */
const LISTENER_LIMIT_MS = 1_000;

export interface ServiceLogOptions {
  readonly path: string;
  readonly epochMs: () => number;
  /** A promise holds the service's output back until it settles. */
  readonly onLines: (lines: readonly LogLine[]) => void | Promise<void>;
}

/**
 * Takes what a process writes into its log file, stamped line by line, and keeps the last lines at hand. Reads no faster
 * than file and listener take, so that memory stays bounded.
 */
export class ServiceLog {
  readonly #options: ServiceLogOptions;
  readonly #file: WriteStream;
  readonly #streams: Readable[] = [];
  readonly #pumps: Promise<void>[] = [];
  readonly #last = new LastLines();
  #fileBroken = false;
  #receivedAtMs = 0;
  #closing: Promise<void> | undefined;

  constructor(options: ServiceLogOptions) {
    this.#options = options;
    this.#file = createWriteStream(options.path, { flags: 'w' });
    this.#file.on('error', (error) => {
      // A full disk must not stop the service: its output goes on being read, and the last lines say what happened.
      this.#fileBroken = true;
      this.#last.add('stderr', [`shopctl: the log file cannot be written from here on (${error.message})`]);
    });
  }

  attach(stream: Readable, name: OutputStream): void {
    this.#streams.push(stream);
    this.#pumps.push(this.#pump(stream, name));
  }

  lastLines(): readonly string[] {
    return this.#last.texts();
  }

  /** Resolves when everything that an ended process wrote has been taken in. */
  async drained(): Promise<void> {
    const deadlineMs = performance.now() + DRAIN_LIMIT_MS;
    const ended = Promise.allSettled(this.#pumps).then(() => true);
    this.#receivedAtMs = performance.now();
    for (;;) {
      const isEnded = await Promise.race([ended, sleep(10, false)]);
      const nowMs = performance.now();
      if (isEnded || nowMs > deadlineMs || nowMs - this.#receivedAtMs > QUIET_MS) return;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const stream of this.#streams) stream.destroy();
    await Promise.race([
      Promise.allSettled(this.#pumps),
      sleep(LISTENER_LIMIT_MS, undefined, { ref: false }),
    ]);
    if (this.#fileBroken) return;
    await new Promise<void>((resolve) => {
      this.#file.end(() => resolve());
    });
  }

  async #pump(stream: Readable, name: OutputStream): Promise<void> {
    const splitter = new LineSplitter(MAX_LINE_LENGTH);
    try {
      for await (const chunk of stream) {
        this.#receivedAtMs = performance.now();
        await this.#take(name, splitter.push(chunk));
      }
    } catch {
      // The pipe was closed on our side: the service is being stopped, and what it said until now is kept.
    }
    await this.#take(name, splitter.end());
  }

  async #take(name: OutputStream, texts: readonly string[]): Promise<void> {
    if (texts.length === 0) return;
    const atMs = this.#options.epochMs();
    this.#last.add(name, texts);
    const lines = texts.map((text) => ({ atMs, text }));
    await Promise.all([this.#write(lines), this.#options.onLines(lines)]);
  }

  /** Resolves when the lines are written or cannot be: the file's error listener has the reason. */
  #write(lines: readonly LogLine[]): Promise<void> {
    if (this.#fileBroken) return Promise.resolve();
    return new Promise((resolve) => {
      this.#file.write(lines.map(formatLogLine).join(''), () => resolve());
    });
  }
}
