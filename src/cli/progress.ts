import { Chalk } from 'chalk';
import type { ServiceEvent } from '../model/index.ts';
import type { CliContext } from './context.ts';
import type { LiveProgress } from './live-progress.ts';
import { describeEvent } from './service-words.ts';

const NARROW_COLUMNS = 40;

/** Shows a start while it goes on. */
interface Progress {
  onEvent(event: ServiceEvent): void;
  finish(): Promise<void>;
}

type Place = Pick<CliContext, 'stderr' | 'color' | 'interactive' | 'quiet' | 'json'>;

/**
 * Runs `work` and shows what happens to the services meanwhile: one live line each on a terminal, a plain line per event
 * elsewhere, nothing with --quiet or --json.
 */
export async function withServiceProgress<T>(
  place: Place,
  services: readonly string[],
  work: (onEvent: (event: ServiceEvent) => void) => Promise<T>,
): Promise<T> {
  const progress = await startProgress(place, services);
  try {
    return await work(progress.onEvent);
  } finally {
    await progress.finish();
  }
}

async function startProgress(place: Place, services: readonly string[]): Promise<Progress> {
  const { stderr, color, interactive, quiet, json } = place;
  if (quiet || json) return { onEvent: () => undefined, finish: async () => undefined };
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const width = Math.max(0, ...services.map((name) => name.length));
  const print = (event: ServiceEvent) => {
    const line = describeEvent(event, chalk);
    if (line !== undefined && event.type !== 'service-starting') {
      stderr.write(`${event.service.padEnd(width)}  ${line}\n`);
    }
  };
  // Some pseudo-terminals have no width, and in a very narrow one every line would break into several.
  if (!interactive || (stderr.columns ?? 0) < NARROW_COLUMNS)
    return { onEvent: print, finish: async () => undefined };
  // Loaded only where it is shown: it costs more than all the rest of a start.
  const { startLiveProgress } = await import('./live-progress.ts');
  return liveThenPlain(startLiveProgress({ stderr, services, chalk }), print);
}

/** Once a stop begins, the live lines are done with, and the rest is told in plain lines below them. */
function liveThenPlain(live: LiveProgress, print: (event: ServiceEvent) => void): Progress {
  let finished: Promise<void> | undefined;
  const finish = () => {
    finished ??= live.finish();
    return finished;
  };
  return {
    onEvent: (event) => {
      if (event.type === 'service-stopping') void finish();
      if (finished === undefined) live.onEvent(event);
      else void finished.then(() => print(event));
    },
    finish,
  };
}
