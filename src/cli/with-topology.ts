import type { Project } from '../config/index.ts';
import { attach, type RunningTopology, startTopology } from '../topology/index.ts';
import type { CliContext } from './context.ts';
import { listenForHurry } from './hurry.ts';
import { withServiceProgress } from './progress.ts';
import { describeEnd } from './service-words.ts';
import { stopAll } from './stop-all.ts';

/** What is needed to bring services up and to tell about it. */
export type TopologyContext = Pick<
  CliContext,
  'stderr' | 'color' | 'interactive' | 'quiet' | 'json' | 'signal'
>;

export interface Adoption {
  /** Use services that somebody already runs as they are, and leave them running. */
  readonly adopt: boolean;
}

/** `withTopology` for a command that has the option `--adopt`. */
export function topologyUser(adoption: Adoption): typeof withTopology {
  return (project, context, body) => withTopology(project, context, body, adoption);
}

/**
 * Runs `body` while the project's services are ready. A topology that runs already is used as it is and left alone;
 * otherwise it is started on fresh data, and stopped again whatever happens.
 *
 * @throws ShopctlError when the services do not start, when another topology runs, when one cannot be stopped
 */
export async function withTopology<T>(
  project: Project,
  context: TopologyContext,
  body: (running: Project) => Promise<T>,
  { adopt }: Adoption = { adopt: false },
): Promise<T> {
  if ((await attach(project)) !== undefined) return body(project);
  const hurry = listenForHurry(context.signal);
  const names = project.services.map(({ name }) => name);
  let isReady = false;
  try {
    const running = await withServiceProgress(context, names, (onEvent) =>
      startTopology(project, {
        signal: context.signal,
        hurry: hurry.signal,
        adopt,
        ...(project.hasFreshData ? { emptyFirst: project.dataDir } : {}),
        onTrouble: (sentence) => context.stderr.write(`${sentence}\n`),
        onEvent: (event) => {
          if (!isReady) onEvent(event);
          else if (event.type === 'service-exited') {
            context.stderr.write(`${event.service}  ${describeEnd(event, context.color)}\n`);
          }
        },
      }),
    );
    isReady = true;
    try {
      return await body(project);
    } finally {
      const adopted = adoptedOf(running);
      await stopAll(running);
      if (!context.quiet && !context.json) context.stderr.write(describeStops(names.toReversed(), adopted));
    }
  } finally {
    hurry.release();
  }
}

const adoptedOf = (running: RunningTopology): readonly string[] =>
  running.services().flatMap(({ name, adopted }) => (adopted === undefined ? [] : [name]));

function describeStops(names: readonly string[], adopted: readonly string[]): string {
  const stopped = names.filter((name) => !adopted.includes(name));
  const lines = stopped.length === 0 ? [] : [`stopped ${stopped.join(', ')}`];
  if (adopted.length > 0) {
    lines.push(`left running: ${adopted.join(', ')} (adopted: whoever started them stops them)`);
  }
  return lines.map((line) => `${line}\n`).join('');
}
