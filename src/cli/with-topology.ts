import type { Project } from '../config/index.ts';
import { attach, startTopology } from '../topology/index.ts';
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
        ...(project.hasFreshData ? { emptyFirst: project.dataDir } : {}),
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
      await stopAll(running);
      if (!context.quiet && !context.json) context.stderr.write(`stopped ${names.toReversed().join(', ')}\n`);
    }
  } finally {
    hurry.release();
  }
}
