import { type Project, shopctlFor } from '../../config/index.ts';
import { EXIT, type ExitCode } from '../../errors/index.ts';
import { tellStarted } from '../../lib/tell-started.ts';
import type { ServiceEvent } from '../../model/index.ts';
import { criticalPath, selectServices, startDetached, startTopology } from '../../topology/index.ts';
import { aborted } from '../aborted.ts';
import { attachDetached, attachForeground } from '../attach.ts';
import type { CliContext } from '../context.ts';
import { describeCriticalPath } from '../critical-path-words.ts';
import { foregroundDisplay } from '../foreground-display.ts';
import { type Hurry, listenForHurry } from '../hurry.ts';
import { writeAll } from '../log-printer.ts';
import { withServiceProgress } from '../progress.ts';
import { codeOfEnd } from '../run-end.ts';
import { describeReach, describeStart } from '../service-words.ts';
import { statusDocument } from '../status-document.ts';
import { stopAll } from '../stop-all.ts';
import { wantsLiveView } from '../wants-live-view.ts';

export interface UpOptions {
  /** Empty: all of the topology. */
  readonly services: readonly string[];
  readonly detach: boolean;
  /** What runs already is watched instead of refused. */
  readonly attach: boolean;
  /** Services that have `watch` are restarted when their files change. */
  readonly watch: boolean;
  /** Use services that somebody already runs as they are. */
  readonly adopt: boolean;
  /** Tell what the start waited for. */
  readonly criticalPath: boolean;
  /** Lines of services as they were written, and nothing else. */
  readonly raw: boolean;
  /** No live view on a terminal either. */
  readonly plain: boolean;
}

/**
 * Starts services and waits until they are ready. Detached: leaves them to a background process. Otherwise stays, shows
 * what they write, and stops them when interrupted; ends with the environment's exit code when all have ended themselves.
 */
export async function up(options: UpOptions, context: CliContext): Promise<ExitCode> {
  if (options.attach) {
    const code = await (options.detach ? attachDetached : attachForeground)(options, context);
    if (code !== undefined) return code;
  }
  const hurry = listenForHurry(context.signal);
  try {
    return options.detach
      ? await upDetached(options, context, hurry.signal)
      : await upInForeground(options, context, hurry);
  } finally {
    hurry.release();
  }
}

async function upDetached(
  { services, watch, adopt, criticalPath: isPathWanted }: UpOptions,
  context: CliContext,
  hurry: AbortSignal,
): Promise<ExitCode> {
  const plan = selectServices(await context.loadProject('kept', 'picked'), services);
  const names = plan.services.map(({ name }) => name);
  const story: ServiceEvent[] = [];
  const started = await withServiceProgress(context, names, (onEvent) =>
    startDetached(plan, {
      watch,
      signal: context.signal,
      hurry,
      adopt,
      onTrouble: (sentence) => context.stderr.write(`${sentence}\n`),
      onEvent: (event) => {
        story.push(event);
        onEvent(event);
      },
    }),
  );
  const path = isPathWanted ? criticalPath(plan.services, story) : undefined;
  if (context.json) {
    const { services, supervisorPid: pid } = started;
    const document = statusDocument('shopctl/up/1', {
      topology: plan.topology,
      phase: 'up',
      supervisor: { pid, detached: true },
      services,
    });
    const steps = path?.map(({ service, startedMs, readyMs }) => ({
      service,
      started_ms: startedMs,
      ready_ms: readyMs,
    }));
    const told = steps === undefined ? document : { ...document, critical_path: steps };
    await writeAll(context.stdout, `${JSON.stringify(told)}\n`);
    return EXIT.ok;
  }
  if (path !== undefined) await writeAll(context.stdout, `${describeCriticalPath(path)}\n`);
  if (!context.quiet) {
    if (watch) context.stderr.write(describeWatch(plan.services));
    context.stderr.write(
      `${describeStart(started.services)}; \`${shopctlFor(plan.project)} down\` ${describeReach(started.services)}\n`,
    );
  }
  return EXIT.ok;
}

/** Whose files are watched, in a line; nothing where none are. */
function describeWatch(services: Project['services']): string {
  const names = services.flatMap((spec) =>
    spec.kind === 'own' && spec.watch !== undefined ? [spec.name] : [],
  );
  return names.length === 0 ? '' : `a change of their files restarts ${names.join(', ')}\n`;
}

async function upInForeground(
  { services, watch, adopt, criticalPath: isPathWanted, raw, plain }: UpOptions,
  context: CliContext,
  hurry: Hurry,
): Promise<ExitCode> {
  const plan = selectServices(await context.loadProject('kept', 'picked'), services);
  const names = plan.services.map(({ name }) => name);
  const show = foregroundDisplay(context, names, raw);
  const story: ServiceEvent[] = [];
  const { signal } = context;
  const running = await withServiceProgress(context, names, (onEvent) =>
    startTopology(plan, {
      watch,
      signal,
      hurry: hurry.signal,
      adopt,
      onTrouble: (sentence) => show.say(`${sentence}\n`),
      onEvent: (event) => {
        if (!show.isReady) onEvent(event);
        if (!show.isReady && event.type !== 'log-lines') story.push(event);
        return show.onEvent(event);
      },
    }),
  );
  show.isReady = true;
  tellStarted();
  let hasQuit = false;
  try {
    if (isPathWanted && !context.json) {
      context.stderr.write(`${describeCriticalPath(criticalPath(plan.services, story))}\n`);
    }
    if (!context.quiet && !context.json) {
      if (watch) context.stderr.write(describeWatch(plan.services));
      context.stderr.write(
        `${describeStart(running.services())}; Ctrl-C ${describeReach(running.services())}\n`,
      );
    }
    const end = Promise.race([running.allEnded, aborted(signal)]);
    if (wantsLiveView(context, { raw, plain })) {
      const { ownRun, watchLive } = await import('../live/index.ts');
      const { topology, services: specs } = plan;
      const shown = {
        run: ownRun(running),
        topology,
        specs,
        services: running.services(),
        isAttached: false,
      };
      hasQuit = (await watchLive(shown, { context, show, end })) === 'left';
    } else await end;
  } finally {
    if (hasQuit) hurry.countFirst();
    await stopAll(running);
  }
  if (signal.aborted) return EXIT.interrupted;
  if (hasQuit) return EXIT.ok;
  return codeOfEnd(running.services());
}
