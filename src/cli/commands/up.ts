import { EXIT, type ExitCode, ShopctlError } from '../../errors/index.ts';
import type { ServiceEvent } from '../../model/index.ts';
import { criticalPath, selectServices, startDetached, startTopology } from '../../topology/index.ts';
import type { CliContext } from '../context.ts';
import { describeCriticalPath } from '../critical-path-words.ts';
import { listenForHurry } from '../hurry.ts';
import { logPrinter, writeAll } from '../log-printer.ts';
import { withServiceProgress } from '../progress.ts';
import { describeEnd, describeReach, describeStart } from '../service-words.ts';
import { statusDocument } from '../status-document.ts';
import { stopAll } from '../stop-all.ts';

export interface UpOptions {
  /** Empty: all of the topology. */
  readonly services: readonly string[];
  readonly detach: boolean;
  /** Use services that somebody already runs as they are. */
  readonly adopt: boolean;
  /** Tell what the start waited for. */
  readonly criticalPath: boolean;
  /** Lines of services as they were written, and nothing else. */
  readonly raw: boolean;
}

/**
 * Starts services and waits until they are ready. Detached: leaves them to a background process. Otherwise stays, shows
 * what they write, and stops them when interrupted; ends with the environment's exit code when all have ended themselves.
 */
export async function up(options: UpOptions, context: CliContext): Promise<ExitCode> {
  const hurry = listenForHurry(context.signal);
  try {
    return options.detach
      ? await upDetached(options, context, hurry.signal)
      : await upInForeground(options, context, hurry.signal);
  } finally {
    hurry.release();
  }
}

async function upDetached(
  { services, adopt, criticalPath: isPathWanted }: UpOptions,
  context: CliContext,
  hurry: AbortSignal,
): Promise<ExitCode> {
  const plan = selectServices(context.loadProject(), services);
  const names = plan.services.map(({ name }) => name);
  const story: ServiceEvent[] = [];
  const started = await withServiceProgress(context, names, (onEvent) =>
    startDetached(plan, {
      signal: context.signal,
      hurry,
      adopt,
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
    context.stderr.write(
      `${describeStart(started.services)}; \`shopctl down\` ${describeReach(started.services)}\n`,
    );
  }
  return EXIT.ok;
}

async function upInForeground(
  { services, adopt, criticalPath: isPathWanted, raw }: UpOptions,
  context: CliContext,
  hurry: AbortSignal,
): Promise<ExitCode> {
  const plan = selectServices(context.loadProject(), services);
  const names = plan.services.map(({ name }) => name);
  const show = foregroundDisplay(context, names, raw);
  const story: ServiceEvent[] = [];
  const { signal } = context;
  const running = await withServiceProgress(context, names, (onEvent) =>
    startTopology(plan, {
      signal,
      hurry,
      adopt,
      onEvent: (event) => {
        if (!show.isReady) onEvent(event);
        if (!show.isReady && event.type !== 'log-lines') story.push(event);
        return show.onEvent(event);
      },
    }),
  );
  show.isReady = true;
  try {
    if (isPathWanted && !context.json) {
      context.stderr.write(`${describeCriticalPath(criticalPath(plan.services, story))}\n`);
    }
    if (!context.quiet && !context.json) {
      context.stderr.write(
        `${describeStart(running.services())}; Ctrl-C ${describeReach(running.services())}\n`,
      );
    }
    await Promise.race([running.allEnded, aborted(signal)]);
  } finally {
    await stopAll(running);
  }
  if (signal.aborted) return EXIT.interrupted;
  if (running.services().every(({ state, kind }) => state === 'completed' || kind === 'foreign'))
    return EXIT.ok;
  throw new ShopctlError('service-failed', {
    message: 'every service has ended by itself; nothing runs any more',
    hint: '`shopctl logs` has what they wrote',
  });
}

/** What the foreground shows once all are ready: log lines on stdout, what happens on stderr; with --json all as NDJSON. */
function foregroundDisplay(context: CliContext, names: readonly string[], raw: boolean) {
  const { stdout, stderr, color, json, quiet } = context;
  const format = logPrinter(names, { color, raw, isTerminal: stdout.isTTY === true });
  const width = Math.max(0, ...names.map((name) => name.length));
  const display = {
    isReady: false,
    async onEvent(event: ServiceEvent): Promise<void> {
      if (json) return writeAll(stdout, `${JSON.stringify(event)}\n`);
      if (!display.isReady) return;
      if (event.type === 'log-lines') {
        return writeAll(stdout, event.lines.map((line) => format(event.service, line)).join(''));
      }
      const words = describeEnd(event, color);
      if (words !== undefined && (!quiet || event.type === 'service-exited')) {
        stderr.write(`${event.service.padEnd(width)}  ${words}\n`);
      }
    },
  };
  return display;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
