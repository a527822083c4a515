import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../errors/index.ts';

const MEBIBYTE = 1_048_576;

export interface FolderFacts {
  readonly folder: string;
  readonly freeMib: number;
  /** Why nothing can be written there; undefined: it can. */
  readonly failure?: string;
  /** When a file that was written just now says that it was written, minus that time. */
  readonly skewMs?: number;
}

/**
 * Writes a file and takes it away again: permissions alone do not tell of a file system that is full or read-only.
 * Asynchronous, as one on a network may hang.
 */
export async function tryFolder(folder: string): Promise<FolderFacts> {
  const file = join(folder, `.shopctl-doctor-${randomUUID()}`);
  const freeMib = await freeIn(folder);
  try {
    const beforeMs = Date.now();
    await writeFile(file, 'can anything be written here?\n');
    const { mtimeMs } = await stat(file);
    // Written at some time between two looks at the clock.
    const skewMs = mtimeMs < beforeMs ? mtimeMs - beforeMs : Math.max(0, mtimeMs - Date.now());
    return { folder, freeMib, skewMs };
  } catch (error) {
    return { folder, freeMib, failure: messageOf(error) };
  } finally {
    await rm(file, { force: true });
  }
}

/** The same for a folder in which nothing may appear, as programs may watch it: goes by permissions. */
export async function lookAtFolder(folder: string): Promise<FolderFacts> {
  const freeMib = await freeIn(folder);
  try {
    await access(folder, constants.W_OK);
    return { folder, freeMib };
  } catch (error) {
    return { folder, freeMib, failure: messageOf(error) };
  }
}

async function freeIn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return Math.floor((bavail * bsize) / MEBIBYTE);
}
