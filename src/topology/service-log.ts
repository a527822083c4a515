import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogLimits } from '../config/project.ts';
import type { LogLine } from '../model/index.ts';
import { systemClock } from './clock.ts';
import { LastLines, type OutputStream } from './last-lines.ts';
import { LineSplitter } from './line-splitter.ts';
import { formatLogLines, MAX_LINE_LENGTH } from './log-format.ts';
import { LogWriter } from './log-writer.ts';

/** Output of a dead process is in the pipe already; this long without any of it means that all has been read. */
const QUIET_MS = 40;
/** A descendant may hold the pipe and write for ever. */
const DRAIN_LIMIT_MS = 1_000;
/** A listener that takes nothing more (a terminal that is held) must not hold up the end. */
const LISTENER_LIMIT_MS = 1_000;

export interface ServiceLogOptions {
  readonly path: string;
  readonly limits?: LogLimits;
  readonly epochMs: () => number;
  /** Before every line in file and events. */
  readonly prefix?: string;
  /** A promise holds the service's output back until it settles. */
  readonly onLines: (lines: readonly LogLine[]) => void | Promise<void>;
}

/**
 * Takes what a process writes into its log file, stamped line by line, and keeps the last lines at hand. Reads no faster
 * than file and listener take, so that memory stays bounded.
 */
export class ServiceLog {
  readonly #options: ServiceLogOptions;
  readonly #file: LogWriter;
  readonly #streams: Readable[] = [];
  readonly #pumps: Promise<void>[] = [];
  readonly #last = new LastLines();
  #receivedAtMs = 0;
  /** Chunks that the listener has not taken yet, one a stream at most. */
  #taking = 0;
  #closing: Promise<void> | undefined;

  constructor(options: ServiceLogOptions) {
    this.#options = options;
    const { path, limits, epochMs } = options;
    this.#file = new LogWriter({
      path,
      ...(limits === undefined ? {} : { limits }),
      noteLine: (text) => formatLogLines(epochMs(), 'stderr', [text]).join(''),
      // A full disk must not stop the service: its output goes on being read, and the last lines say what happened.
      onTrouble: (sentence) => {
        const text = `shopctl: ${sentence}`;
        this.#last.add('stderr', [text]);
        void options.onLines([{ atMs: epochMs(), text, stream: 'stderr' }]);
      },
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
    const deadlineMs = systemClock.monotonicMs() + DRAIN_LIMIT_MS;
    const ended = Promise.allSettled(this.#pumps).then(() => true);
    this.#receivedAtMs = systemClock.monotonicMs();
    for (;;) {
      const isEnded = await Promise.race([ended, sleep(10, false)]);
      const nowMs = systemClock.monotonicMs();
      const isQuiet = this.#taking === 0 && nowMs - this.#receivedAtMs > QUIET_MS;
      if (isEnded || nowMs > deadlineMs || isQuiet) return;
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
    this.#file.close();
  }

  /** Resolves when all that comes has been taken, or the pipe was closed on our side. */
  #pump(stream: Readable, name: OutputStream): Promise<void> {
    const splitter = new LineSplitter(MAX_LINE_LENGTH);
    let taken: Promise<void> | undefined;
    stream.on('data', (chunk: Buffer) => {
      this.#receivedAtMs = systemClock.monotonicMs();
      taken = this.#take(name, splitter.push(chunk));
      if (taken === undefined) return;
      this.#taking += 1;
      stream.pause();
      void taken.finally(() => {
        this.#taking -= 1;
        this.#receivedAtMs = systemClock.monotonicMs();
        stream.resume();
      });
    });
    // What it said until then is kept.
    stream.on('error', () => undefined);
    return new Promise((resolve) => {
      stream.once('close', async () => {
        await taken;
        await this.#take(name, splitter.end());
        resolve();
      });
    });
  }

  /** A promise where the listener holds the output back. */
  #take(name: OutputStream, texts: readonly string[]): Promise<void> | undefined {
    if (texts.length === 0) return undefined;
    const atMs = this.#options.epochMs();
    this.#last.add(name, texts);
    const { prefix = '' } = this.#options;
    const told = prefix === '' ? texts : texts.map((text) => `${prefix}${text}`);
    const lines = told.map((text) => ({ atMs, text, stream: name }));
    this.#file.write(formatLogLines(atMs, name, told));
    return this.#options.onLines(lines) ?? undefined;
  }
}
