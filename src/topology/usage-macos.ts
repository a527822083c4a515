import { execFile } from 'node:child_process';
import type { ProcessUsage } from './process-usage.ts';

const COLUMNS = 'pid=,ppid=,pgid=,rss=,time=,etime=';

/** All processes, out of `ps`. */
export async function listUsage(): Promise<ProcessUsage[]> {
  return parseUsage(await output('ps', ['-ax', '-o', COLUMNS]));
}

/** Lines of `ps -o pid=,ppid=,pgid=,rss=,time=,etime=`. */
export function parseUsage(text: string): ProcessUsage[] {
  return text.split('\n').flatMap((line) => {
    const [pid, parentPid, pgid, kilobytes, cpu, age] = line.trim().split(/\s+/);
    if (cpu === undefined || age === undefined) return [];
    return [
      {
        pid: Number(pid),
        parentPid: Number(parentPid),
        pgid: Number(pgid),
        rssBytes: Number(kilobytes) * 1_024,
        cpuMs: clockMs(cpu),
        ageMs: clockMs(age),
      },
    ];
  });
}

/** `[[days-]hours:]minutes:seconds[.hundredths]` */
function clockMs(text: string): number {
  const [days, clock = ''] = text.includes('-') ? text.split('-') : ['0', text];
  const seconds = clock.split(':').reduce((total, part) => total * 60 + Number(part), 0);
  return Math.round((Number(days) * 86_400 + seconds) * 1_000);
}

/** What a program prints; nothing when it fails. */
function output(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const env = { ...process.env, LC_ALL: 'C' };
    execFile(program, args, { encoding: 'utf8', timeout: 5_000, env }, (_error, text) => resolve(text));
  });
}
