import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Whether this process may take the terminal's keys: a job in the background (`shopctl up &`) that tried to would be
 * stopped by the system.
 */
export function isForeground(): boolean {
  try {
    // proc(5): pid (name) state ppid pgrp session tty_nr tpgid …; the name may hold anything.
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return group === foreground;
  } catch {
    return psSaysForeground();
  }
}

/** Without /proc: ps(1) marks the state of what is in the foreground with a plus. */
function psSaysForeground(): boolean {
  try {
    return execFileSync('ps', ['-o', 'stat=', '-p', String(process.pid)], { encoding: 'utf8' }).includes('+');
  } catch {
    // Without ps nobody knows: plain lines are right everywhere.
    return false;
  }
}
