import { chmodSync, mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** The system has room for little more than a hundred bytes (104 on macOS, 108 on Linux, with an end mark). */
const MAX_PATH_BYTES = 100;
const SOCKET = 'socket';
const FOLDER = 'control';
const TEMPORARY = 'shopctl-control-';

/**
 * Where a run of this state folder listens: there, or where the path would be too long in a new folder for temporary
 * files. Either folder is open to this user only, so that nobody else gets as far as the socket.
 */
export function prepareSocketPath(stateDir: string): string {
  const folder = join(stateDir, FOLDER);
  const path = join(folder, SOCKET);
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return temporarySocketPath();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  // Under the lock of the project nobody listens here: what there is was left by a run that died.
  rmSync(path, { force: true });
  return path;
}

export function temporarySocketPath(): string {
  return join(mkdtempSync(join(tmpdir(), TEMPORARY)), SOCKET);
}

/** Removes a socket, and the folder that was made for it; one that is gone is no error. */
export function removeSocket(path: string | undefined): void {
  // The path was read from a file: nothing but a socket of ours is deleted.
  if (path === undefined || basename(path) !== SOCKET) return;
  const folder = dirname(path);
  const isTemporary = basename(folder).startsWith(TEMPORARY);
  if (!isTemporary && basename(folder) !== FOLDER) return;
  try {
    rmSync(path, { force: true });
    if (isTemporary) rmdirSync(folder);
  } catch {
    // A socket that nobody listens on harms nobody.
  }
}
