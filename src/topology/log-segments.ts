import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isErrno } from './process-group.ts';
import { unusable } from './state.ts';

/**
 * A log is its file, `users.log`, and files that were put aside when they were full: `users.log.1`, `users.log.2`, … A
 * number, once given, stays: a larger one is younger. So nobody who reads them ever finds another file under a name.
 */
export function segmentPath(path: string, number: number): string {
  return `${path}.${number}`;
}

/** Numbers of the files put aside, the oldest first. */
export function segmentNumbers(path: string): number[] {
  const prefix = `${basename(path)}.`;
  const names = namesIn(dirname(path));
  return names
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .sort((a, b) => a - b);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Removes what the last run wrote. @throws ShopctlError `state-unusable` */
export function clearLogs(stateDir: string): void {
  const folder = join(stateDir, 'logs');
  try {
    for (const name of readdirSync(folder)) {
      if (/\.log(\.\d+)?$/.test(name)) rmSync(join(folder, name), { recursive: true, force: true });
    }
  } catch (error) {
    throw unusable(stateDir, error);
  }
}
