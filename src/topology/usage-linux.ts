import { readdirSync, readFileSync } from 'node:fs';
import type { ProcessUsage } from './process-usage.ts';

/** The kernel counts in ticks of 10 ms for every program on every architecture (man 5 proc, USER_HZ). */
const TICK_MS = 10;

/** All processes, out of /proc. */
export async function listUsage(): Promise<ProcessUsage[]> {
  const [uptime = '0'] = (read('/proc/uptime') ?? '').split(' ');
  const upMs = Number(uptime) * 1_000;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = read(`/proc/${name}/stat`);
      return stat === undefined ? [] : parseStat(stat, upMs);
    });
}

/** `/proc/PID/stat`; what has ended and waits to be collected uses nothing. */
export function parseStat(stat: string, upMs: number): ProcessUsage[] {
  // The second field is the program's name in parentheses and may itself hold blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parentPid, pgid] = fields;
  if (state === undefined || state === 'Z' || state === 'X') return [];
  const number = (index: number) => Number(fields[index] ?? 0);
  return [
    {
      pid: Number.parseInt(stat, 10),
      parentPid: Number(parentPid),
      pgid: Number(pgid),
      cpuMs: (number(11) + number(12)) * TICK_MS,
      ageMs: Math.max(0, upMs - number(19) * TICK_MS),
      rssBytes: number(21) * pageBytes(),
    },
  ];
}

const AT_PAGESZ = 6n;
let knownPageBytes: number | undefined;

/** The size of a page, as the kernel tells it every program (man 3 getauxval): pairs of key and value, 64 bits each. */
function pageBytes(): number {
  if (knownPageBytes !== undefined) return knownPageBytes;
  knownPageBytes = 4_096;
  const facts = readFileSync('/proc/self/auxv');
  const words = new BigUint64Array(facts.buffer.slice(facts.byteOffset, facts.byteOffset + facts.length));
  for (let index = 0; index + 1 < words.length; index += 2) {
    if (words[index] === AT_PAGESZ) knownPageBytes = Number(words[index + 1]);
  }
  return knownPageBytes;
}

// Processes end, and belong to others, while we read: what cannot be read is not there.
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
