import { lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isErrno } from './process-group.ts';

/**
 * Ports that this process has picked and nobody listens on yet, put down where every shopctl of this user looks: two that
 * start at one moment take different ports. A claim holds as long as its process lives, and is a courtesy: where it
 * cannot be written, a port that is taken meanwhile is found out at the start.
 */
const CLAIM = /^(?<port>\d+)-(?<pid>\d+)$/;

const mine = new Set<string>();
let isListening = false;

/** False when somebody else has claimed it. */
export function claimPort(port: number, folder: string = claimsFolder()): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!isOurs(folder)) return true;
    const file = join(folder, `${port}-${process.pid}`);
    writeFileSync(file, '');
    withdrawAtExit();
    mine.add(file);
    if (!rivals(folder, port)) return true;
    withdraw(file);
    return false;
  } catch (error) {
    if (!isErrno(error, 'EACCES') && !isErrno(error, 'ENOSPC') && !isErrno(error, 'EROFS')) throw error;
    return true;
  }
}

/** Gives back a claim on a port that turned out to be taken. */
export function withdrawPort(port: number, folder: string = claimsFolder()): void {
  withdraw(join(folder, `${port}-${process.pid}`));
}

const claimsFolder = () => join(tmpdir(), `shopctl-ports-${process.getuid?.() ?? 'user'}`);

/** Anybody may write to the folder around it: what is not ours, or leads elsewhere, is left alone. */
function isOurs(folder: string): boolean {
  const stat = lstatSync(folder);
  return stat.isDirectory() && stat.uid === (process.getuid?.() ?? stat.uid);
}

/** Both of two at one moment see each other, and both go on to their next port. */
function rivals(folder: string, wanted: number): boolean {
  let found = false;
  for (const name of readdirSync(folder)) {
    const { port, pid } = CLAIM.exec(name)?.groups ?? {};
    if (port === undefined || Number(pid) === process.pid) continue;
    if (!isThere(Number(pid))) rmSync(join(folder, name), { force: true });
    else if (Number(port) === wanted) found = true;
  }
  return found;
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isErrno(error, 'ESRCH');
  }
}

function withdraw(file: string): void {
  mine.delete(file);
  rmSync(file, { force: true });
}

function withdrawAtExit(): void {
  if (isListening) return;
  isListening = true;
  process.once('exit', () => {
    for (const file of mine) rmSync(file, { force: true });
  });
}
