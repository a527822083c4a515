/**
 * The live view of `up`: services at the bottom of the terminal, log lines above, keys. Loaded only where it is shown.
 * Knows a run by `LiveRun` alone, and neither starts nor ends one.
 */
import type { ServiceSpec } from '../../config/index.ts';
import type { ServiceStatus } from '../../topology/index.ts';
import type { CliContext } from '../context.ts';
import type { View } from '../foreground-display.ts';
import { factsOf } from './detail.ts';
import { isForeground } from './is-foreground.ts';
import type { LiveRun } from './live-run.ts';
import { LiveView } from './live-view.ts';

export { joinedRun, ownRun } from './live-run.ts';

export interface Watched {
  readonly run: LiveRun;
  readonly topology: string;
  /** As the configuration says. */
  readonly specs: readonly ServiceSpec[];
  /** As they are. */
  readonly services: readonly ServiceStatus[];
  /** The run goes on when the view is left. */
  readonly isAttached: boolean;
}

interface Watching<T> {
  readonly context: Pick<CliContext, 'stdout' | 'color'>;
  /** What is shown goes through the view meanwhile. */
  readonly show: { view: View | undefined };
  readonly end: Promise<T>;
}

/** Shows the live view until `end` settles, or somebody leaves it with `q`. The terminal is then as it was. */
export async function watchLive<T>(
  { specs, ...watched }: Watched,
  { context: { stdout, color }, show, end }: Watching<T>,
): Promise<T | 'left'> {
  const view = new LiveView({
    ...watched,
    facts: new Map(specs.map((spec) => [spec.name, factsOf(spec)])),
    stdin: process.stdin,
    stdout,
    color,
    isForeground,
    interrupt: () => process.kill(process.pid, 'SIGINT'),
  });
  view.open();
  show.view = view;
  try {
    return await Promise.race([end, view.left.then(() => 'left' as const)]);
  } finally {
    show.view = undefined;
    view.close();
  }
}
