import { setTimeout as sleep } from 'node:timers/promises';
import type { Project } from '../config/index.ts';
import { EXIT, type ExitCode, ShopctlError } from '../errors/index.ts';
import { deferred } from '../lib/deferred.ts';
import type { ServiceEvent } from '../model/index.ts';
import {
  attach,
  type ControlClient,
  connectToRun,
  type RunEnd,
  type Statuses,
  unknownService,
} from '../topology/index.ts';
import { aborted } from './aborted.ts';
import type { CliContext } from './context.ts';
import { foregroundDisplay } from './foreground-display.ts';
import { writeAll } from './log-printer.ts';
import { withServiceProgress } from './progress.ts';
import { codeOfEnd, errorOfEnd } from './run-end.ts';
import { describeStart } from './service-words.ts';
import { statusDocument } from './status-document.ts';
import { wantsLiveView } from './wants-live-view.ts';

/** What of a run is shown, and how. */
interface Shown {
  /** Empty: all. */
  readonly services: readonly string[];
  /** Lines as they were written, and nothing else. */
  readonly raw: boolean;
  /** No live view on a terminal either. */
  readonly plain: boolean;
}

/**
 * Shows what a topology that runs already does and writes, as if it had been started here, until it ends or Ctrl-C leaves
 * it alone. Undefined when nothing runs.
 */
export async function attachForeground(
  { services, raw, plain }: Shown,
  context: CliContext,
): Promise<ExitCode | undefined> {
  const { stdout, stderr, json, quiet, signal } = context;
  const project = await context.loadProject();
  const joined = await join(project, context);
  if (joined === undefined) return undefined;
  const { client, status } = joined;
  try {
    requireServices(services, status);
    const names = services.length === 0 ? status.services.map(({ name }) => name) : services;
    const show = foregroundDisplay(context, names, raw);
    const { topology, phase } = status;
    const supervisor = { pid: client.pid };
    if (json) {
      const document = statusDocument('shopctl/status/1', { ...status, topology, phase, supervisor });
      await writeAll(stdout, `${JSON.stringify(document)}\n`);
    }
    joined.onEvent = (event) =>
      event.type !== 'log-lines' || names.includes(event.service) ? show.onEvent(event) : undefined;
    const ready = await joined.untilUp(context, show.onEvent);
    if (ready !== undefined) {
      show.isReady = true;
      if (!quiet && !json) {
        const what = `${topology} runs already (pid ${client.pid}): ${describeStart(ready.services)}`;
        stderr.write(`${what}; Ctrl-C leaves them running\n`);
      }
    }
    const ended = Promise.race([client.ended, aborted(signal).then(() => undefined)]);
    const isLive = ready !== undefined && wantsLiveView(context, { raw, plain });
    const end = isLive ? await live({ joined, project, names, show, ended, ready }, context) : await ended;
    if (end !== undefined) return codeOfRunEnd(end, context);
    if (!quiet && !json) stderr.write('detached; the services go on: `shopctl down` stops them\n');
    return EXIT.ok;
  } finally {
    client.close();
  }
}

interface LiveFacts {
  readonly joined: Joined;
  readonly project: Project;
  readonly names: readonly string[];
  readonly show: ReturnType<typeof foregroundDisplay>;
  readonly ended: Promise<RunEnd | undefined>;
  readonly ready: Statuses;
}

/** The live view of a run that goes on when it is left; undefined when it was. */
async function live(facts: LiveFacts, context: CliContext): Promise<RunEnd | undefined> {
  const { joined, project, names, show, ended, ready } = facts;
  const { joinedRun, watchLive } = await import('./live/index.ts');
  joined.onTrouble = (line) => (show.view === undefined ? context.stderr.write(line) : show.view.words(line));
  const shown = {
    run: joinedRun(joined.client, names),
    topology: ready.topology,
    specs: project.services,
    services: ready.services.filter(({ name }) => names.includes(name)),
    isAttached: true,
  };
  const end = await watchLive(shown, { context, show, end: ended });
  return end === 'left' ? undefined : end;
}

/** Waits until what runs already is ready, whole, and as the configuration says. Undefined when nothing runs. */
export async function attachDetached(
  { services }: Shown,
  context: CliContext,
): Promise<ExitCode | undefined> {
  const { stdout, stderr, json, quiet, signal } = context;
  const project = await context.loadProject();
  const joined = await join(project, context);
  if (joined === undefined) return undefined;
  const { client, status } = joined;
  try {
    requireServices(services, status);
    const up = await joined.untilUp(context);
    const ready = up && (await untilSettled(client, signal));
    if (signal.aborted || ready === undefined)
      throw new ShopctlError('interrupted', { message: 'interrupted; what runs goes on' });
    await attach({ ...project, services: project.services.filter(isOneOf(status)) });
    const { topology, phase, services: now } = ready;
    const supervisor = { pid: client.pid };
    if (json) {
      const document = statusDocument('shopctl/up/1', { topology, phase, supervisor, services: now });
      await writeAll(stdout, `${JSON.stringify(document)}\n`);
    } else if (!quiet) {
      const what = `${topology} runs already (pid ${client.pid}): ${describeStart(now)}`;
      stderr.write(`${what}; \`shopctl down\` stops them\n`);
    }
    return EXIT.ok;
  } finally {
    client.close();
  }
}

const POLL_MS = 50;

/** A service that is being restarted at this moment is waited for; one that waits for its next attempt is not ready. */
async function untilSettled(client: ControlClient, signal: AbortSignal): Promise<Statuses> {
  for (;;) {
    const now = await client.ask({ request: 'statuses' });
    const isMoving = now.services.some(({ state }) => state === 'starting' || state === 'stopping');
    if (!isMoving || signal.aborted) return now;
    await sleep(POLL_MS);
  }
}

interface Joined {
  readonly client: ControlClient;
  readonly status: Statuses;
  /** Where events go once somebody shows them. */
  onEvent: (event: ServiceEvent) => void | Promise<void>;
  /** Where a sentence about the connection goes. */
  onTrouble: (line: string) => void;
  /** What runs when all are ready; undefined when interrupted. @throws ShopctlError when they will not be */
  untilUp(
    context: CliContext,
    also?: (event: ServiceEvent) => void | Promise<void>,
  ): Promise<Statuses | undefined>;
}

async function join(project: Project, context: CliContext): Promise<Joined | undefined> {
  const { stderr, signal } = context;
  const up = deferred();
  const joined: Pick<Joined, 'onEvent' | 'onTrouble'> = {
    onEvent: () => undefined,
    onTrouble: (line) => stderr.write(line),
  };
  const client = await connectToRun(project, {
    signal,
    onEvent: (event) => joined.onEvent(event),
    onUp: () => up.resolve(),
    onLinesLeftOut: (count) =>
      joined.onTrouble(
        `${count} lines were left out here: this terminal is too slow; \`shopctl logs\` has all\n`,
      ),
  });
  if (client === undefined) return undefined;
  const status = await client.ask({ request: 'follow' });
  refuseOther(project, client.pid, status);
  if (status.phase === 'up') up.resolve();
  return Object.assign(joined, {
    client,
    status,
    untilUp: async (place: CliContext, also: Joined['onEvent'] = () => undefined) => {
      const names = status.services.map(({ name }) => name);
      if (status.phase === 'up') return status;
      if (!place.quiet && !place.json)
        stderr.write(`${status.topology} is being started by pid ${client.pid}\n`);
      const earlier = joined.onEvent;
      const end = await withServiceProgress(place, names, (onEvent) => {
        joined.onEvent = async (event) => {
          onEvent(event);
          await also(event);
        };
        return Promise.race([up.promise, client.ended, aborted(signal)]);
      });
      joined.onEvent = earlier;
      if (end !== undefined) throw errorOfEnd(end);
      return signal.aborted ? undefined : client.ask({ request: 'statuses' });
    },
  });
}

function refuseOther({ name, topology }: Project, pid: number, status: Statuses): void {
  const why =
    status.topology === topology
      ? status.phase === 'stopping' && 'it is being stopped'
      : `with the topology ${status.topology} instead of ${topology}`;
  if (why === false) return;
  throw new ShopctlError('already-running', {
    message: `${name} already runs (pid ${pid}), but ${why}`,
    hint: 'stop it with `shopctl down` and try again',
  });
}

function requireServices(names: readonly string[], status: Statuses): void {
  const unknown = names.find((name) => !status.services.some((service) => service.name === name));
  if (unknown !== undefined) throw unknownService(unknown, status);
}

const isOneOf =
  ({ services }: Statuses) =>
  ({ name }: { readonly name: string }) =>
    services.some((service) => service.name === name);

function codeOfRunEnd(end: RunEnd, { stderr, quiet, json }: CliContext): ExitCode {
  switch (end.how) {
    case 'failed':
      throw errorOfEnd(end);
    case 'by-itself':
      return codeOfEnd(end.services);
    case 'stopped':
      if (!quiet && !json) stderr.write('the run was stopped\n');
      return EXIT.ok;
  }
}
