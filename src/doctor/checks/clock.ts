import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatDuration } from '../../lib/duration.ts';
import type { Check, Diagnosis } from '../diagnosis.ts';
import { tryFolder } from '../writable.ts';

/** Nobody can run this before it was written. */
const RELEASE_YEAR = 2026;
const WATCH_MS = 150;
/** What a clock that is being set right, and a busy machine, may differ by. */
const STEP_MS = 100;
/** File systems may keep whole seconds, and some two of them. */
const FILE_SKEW_MS = 3_000;

export interface ClockFacts {
  readonly now: Date;
  /** By how much the wall clock went on more than the monotonic one while both were watched. */
  readonly stepMs: number;
  /** By how much the clock of each file system is ahead of the system's. */
  readonly files: readonly { readonly folder: string; readonly skewMs: number }[];
}

export const clock: Check = {
  name: 'clock',
  look: async ({ project }, signal) => {
    const offsetMs = () => Date.now() - performance.now();
    const beforeMs = offsetMs();
    const { stateDir = tmpdir() } = project ?? {};
    const folders = [...new Set([tmpdir(), stateDir])];
    const tried = await Promise.all(folders.filter(existsSync).map(tryFolder));
    const files = tried.flatMap(({ folder, skewMs }) => (skewMs === undefined ? [] : [{ folder, skewMs }]));
    await sleep(WATCH_MS, undefined, { signal });
    return [judgeClock({ now: new Date(), stepMs: offsetMs() - beforeMs, files })];
  },
};

export function judgeClock({ now, stepMs, files }: ClockFacts): Diagnosis {
  if (now.getUTCFullYear() < RELEASE_YEAR) {
    return {
      level: 'problem',
      message: `the clock says ${now.toISOString()}, which is before this version was made: certificates and tokens will not hold`,
      remedy: 'set it: `sudo timedatectl set-ntp true`',
    };
  }
  const off = files.find(({ skewMs }) => Math.abs(skewMs) > FILE_SKEW_MS);
  if (off !== undefined) {
    return {
      level: 'warning',
      message: `files in ${off.folder} are dated ${formatDuration(Math.abs(off.skewMs))} ${off.skewMs > 0 ? 'ahead of' : 'behind'} the clock of this machine`,
      remedy: 'set both by one time server, or keep the project on a disk of this machine',
    };
  }
  if (Math.abs(stepMs) > STEP_MS) {
    return {
      level: 'warning',
      message: `the clock jumped by ${formatDuration(Math.abs(stepMs))} while it was watched: times in logs and reports will not fit`,
      remedy: 'wait until it is set; `timedatectl timesync-status` tells who sets it',
    };
  }
  return { level: 'ok', message: `the clock runs evenly: ${now.toISOString()}` };
}
