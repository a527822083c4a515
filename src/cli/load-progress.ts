import type { LoadProfile } from '../config/index.ts';
import { formatDuration } from '../lib/duration.ts';
import type { LoadSecond } from '../model/index.ts';
import type { CliContext } from './context.ts';

/** Where lines cannot be redrawn, one in this many seconds is enough. */
const PLAIN_EVERY_SECONDS = 5;
const CLEAR_LINE = '\r\u001b[2K';

interface Surroundings extends Pick<CliContext, 'interactive' | 'quiet'> {
  readonly stderr: Pick<NodeJS.WriteStream, 'write' | 'columns'>;
}

export interface LoadProgress {
  second(second: LoadSecond): void;
  end(): void;
}

/** Progress of a load run on stderr: one line that is redrawn on a terminal, a line now and then elsewhere. */
export function loadProgress(
  { stderr, interactive, quiet }: Surroundings,
  profile: LoadProfile,
): LoadProgress {
  if (quiet) return { second: () => undefined, end: () => undefined };
  const write = (line: string) => {
    if (interactive) stderr.write(`${CLEAR_LINE}${line.slice(0, Math.max(20, stderr.columns - 1))}`);
    else stderr.write(`${line}\n`);
  };
  const { name, warmupMs, durationMs } = profile;
  const warmup = warmupMs === 0 ? '' : `, after ${formatDuration(warmupMs)} of warm-up`;
  write(`load ${name}: ${formatDuration(durationMs)}${warmup}`);
  return {
    second: (second) => {
      const elapsedS = second.second + 1;
      if (interactive || elapsedS % PLAIN_EVERY_SECONDS === 0) write(secondLine(profile, second));
    },
    end: () => {
      if (interactive) stderr.write(CLEAR_LINE);
    },
  };
}

function secondLine({ name, durationMs }: LoadProfile, { second, completed, errors, latency }: LoadSecond) {
  const elapsedMs = Math.min(durationMs, (second + 1) * 1_000);
  const { p50, p99 } = latency.percentilesMs;
  const show = (ms: number | undefined) => (ms === undefined ? '–' : formatDuration(ms));
  return [
    `load ${name}: ${formatDuration(elapsedMs)} of ${formatDuration(durationMs)}`,
    `${completed} answers in the last second`,
    `p50 ${show(p50)}, p99 ${show(p99)}`,
    errors === 1 ? '1 error' : `${errors} errors`,
  ].join(' · ');
}
