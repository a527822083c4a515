// `promises` is loaded when it is used, which a start does not.
import { promises } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { segmentNumbers, segmentPath } from './log-segments.ts';
import { lastOffset } from './log-tail.ts';
import { isErrno } from './process-group.ts';

export interface LogReelOptions {
  readonly path: string;
  readonly follow: boolean;
  readonly sinceMs: number;
  readonly onGap: () => void;
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly inode: number;
  /** The number under which it is or will be put aside. */
  readonly number: number;
}

/**
 * The bytes of a log, file after file. Every file is open from the moment it is seen until it is read: so it may be
 * renamed or removed meanwhile, and no other file can get its inode number, by which it is known.
 */
export class LogReel {
  readonly #options: LogReelOptions;
  #files: OpenFile[] = [];
  #offset = 0;
  /** How far the youngest file is read, where nobody follows. */
  #end: number | undefined;
  #isOpened = false;

  constructor(options: LogReelOptions) {
    this.#options = options;
  }

  /** The next bytes; `next-file` when the file they were read from has come to its end and another follows. */
  async read(buffer: Buffer): Promise<Buffer | 'next-file' | 'end'> {
    if (!this.#isOpened) await this.#open();
    const bytes = await this.#readFirst(buffer);
    if (bytes !== undefined) return bytes;
    if (this.#options.follow && this.#files.length <= 1) await this.#lookForMore();
    if (this.#files.length <= 1) return 'end';
    // What was written between the end just seen and the file that follows it.
    const rest = await this.#readFirst(buffer);
    if (rest !== undefined) return rest;
    await this.#files.shift()?.handle.close();
    this.#offset = 0;
    return 'next-file';
  }

  /** Moves to an offset behind which so many lines are that `accepts` takes, the nearest found. */
  async seekLast(count: number, accepts: (line: string) => boolean): Promise<void> {
    if (!this.#isOpened) await this.#open();
    let wanted = count;
    for (let index = this.#files.length - 1; index >= 0; index -= 1) {
      const file = this.#files[index];
      if (file === undefined) return;
      const found = await lastOffset(file.handle, { count: wanted, accepts, end: await this.#endOf(index) });
      wanted -= found.count;
      if (wanted > 0) continue;
      for (const earlier of this.#files.splice(0, index)) await earlier.handle.close();
      this.#offset = found.offset;
      return;
    }
  }

  async close(): Promise<void> {
    for (const { handle } of this.#files.splice(0)) await handle.close();
  }

  async #readFirst(buffer: Buffer): Promise<Buffer | undefined> {
    const [file] = this.#files;
    if (file === undefined) return undefined;
    const end = this.#files.length === 1 ? this.#end : undefined;
    const length = Math.min(buffer.length, (end ?? Number.POSITIVE_INFINITY) - this.#offset);
    if (length <= 0) return undefined;
    const { bytesRead } = await file.handle.read(buffer, 0, length, this.#offset);
    if (bytesRead === 0) {
      // Emptied by hand: it begins again.
      if (this.#offset > 0 && (await file.handle.stat()).size < this.#offset) this.#offset = 0;
      return undefined;
    }
    this.#offset += bytesRead;
    return buffer.subarray(0, bytesRead);
  }

  async #endOf(index: number): Promise<number> {
    const isLast = index === this.#files.length - 1;
    if (isLast && this.#end !== undefined) return this.#end;
    return (await this.#files[index]?.handle.stat())?.size ?? 0;
  }

  async #open(): Promise<void> {
    this.#isOpened = true;
    this.#files = await filesOf(this.#options.path, this.#options.sinceMs);
    if (!this.#options.follow && this.#files.length > 0)
      this.#end = await this.#endOf(this.#files.length - 1);
  }

  /** Files younger than the youngest we have; all there are, when that one has been removed. */
  async #lookForMore(): Promise<void> {
    const { path, onGap } = this.#options;
    const last = this.#files.at(-1);
    if (last !== undefined && (await inodeOf(path)) === last.inode) return;
    const found = await filesOf(path, 0);
    const known = found.findIndex(({ inode }) => inode === last?.inode);
    for (const { handle } of found.splice(0, known + 1)) await handle.close();
    const [next] = found;
    // Numbers of a new run begin with 1.
    if (last !== undefined && next !== undefined && next.number !== last.number + 1 && next.number !== 1)
      onGap();
    this.#files.push(...found);
  }
}

/**
 * The files of a log, the oldest first. The youngest is opened before the others are listed: it may be put aside at that
 * moment, and is then found among them.
 */
async function filesOf(path: string, sinceMs: number): Promise<OpenFile[]> {
  const current = await openFile(path, 0);
  const files: OpenFile[] = [];
  let number = 0;
  for (number of segmentNumbers(path)) {
    const file = await openFile(segmentPath(path, number), number, sinceMs);
    if (file !== undefined) files.push(file);
  }
  if (current === undefined) return files;
  if (files.some(({ inode }) => inode === current.inode)) await current.handle.close();
  else files.push({ ...current, number: number + 1 });
  return files;
}

async function openFile(path: string, number: number, sinceMs = 0): Promise<OpenFile | undefined> {
  try {
    const handle = await promises.open(path, 'r');
    const { ino, mtimeMs } = await handle.stat();
    if (mtimeMs >= sinceMs) return { handle, inode: ino, number };
    await handle.close();
    return undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function inodeOf(path: string): Promise<number | undefined> {
  try {
    return (await promises.stat(path)).ino;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
