import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ShopctlError } from '../errors/index.ts';
import type { ServiceEvent } from '../model/index.ts';
import { errorOfTold } from './control/messages.ts';
import { inStartOrder, type TopologyPlan } from './plan.ts';
import { prepareStateDir, type ServiceStatus, unusable } from './state.ts';
import { interrupted } from './supervise-run.ts';
import { isReport, type SupervisorOrder, type SupervisorReport } from './supervisor-messages.ts';

export interface DetachOptions {
  /** Aborted before all are ready: everything is stopped again, and the start fails with `interrupted`. */
  readonly signal: AbortSignal;
  readonly hurry?: AbortSignal;
  /** As of `startTopology`. */
  readonly adopt?: boolean;
  readonly onEvent: (event: ServiceEvent) => void;
  /** As of `startTopology`; while it starts. Afterwards such sentences are in the supervisor's log. */
  readonly onTrouble?: (sentence: string) => void;
  /** Services that have `watch` are built and restarted when their files change. */
  readonly watch?: boolean;
  /** The built supervisor program; given where this code does not run from its build. */
  readonly supervisor?: URL;
}

export interface DetachedTopology {
  readonly supervisorPid: number;
  readonly services: readonly ServiceStatus[];
}

/**
 * Starts a plan in a background process that outlives this one. Resolves when all are ready.
 * @throws ShopctlError as `startTopology`, and `supervisor-lost` when the background process dies
 */
export async function startDetached(plan: TopologyPlan, options: DetachOptions): Promise<DetachedTopology> {
  inStartOrder(plan.services);
  prepareStateDir(plan.stateDir);
  const log = join(plan.stateDir, 'supervisor.log');
  const supervisor = launch(plan, log, options);
  const interrupt = () => supervisor.kill('SIGTERM');
  options.signal.addEventListener('abort', interrupt);
  options.hurry?.addEventListener('abort', interrupt);
  try {
    const last = await followStart(supervisor, options);
    // Ready and interrupted at the same moment: the interruption holds.
    if (options.signal.aborted) {
      if (supervisor.exitCode === null && supervisor.signalCode === null) await once(supervisor, 'exit');
      throw interrupted();
    }
    if (last === undefined) throw lost(log);
    if (last.kind === 'failed') throw errorOfTold(last.error);
    return { supervisorPid: supervisor.pid ?? 0, services: last.services };
  } finally {
    options.signal.removeEventListener('abort', interrupt);
    options.hurry?.removeEventListener('abort', interrupt);
    supervisor.removeAllListeners();
    if (supervisor.connected) supervisor.disconnect();
    supervisor.unref();
  }
}

function launch(
  plan: TopologyPlan,
  log: string,
  { supervisor: program, watch = false, adopt = false }: DetachOptions,
): ChildProcess {
  const output = openLog(plan.stateDir, log);
  try {
    const entry = fileURLToPath(program ?? new URL('./supervisor-main.js', import.meta.url));
    const supervisor = fork(entry, [plan.root], {
      cwd: plan.root,
      detached: true,
      stdio: ['ignore', output, output, 'ipc'],
      execArgv: [],
    });
    const { name, project, root, stateDir, topology, services } = plan;
    const named = project === undefined ? { name } : { name, project };
    const order: SupervisorOrder = {
      kind: 'start',
      watch,
      adopt,
      plan: { ...named, root, stateDir, topology, services },
    };
    supervisor.send(order);
    return supervisor;
  } finally {
    closeSync(output);
  }
}

function openLog(stateDir: string, log: string): number {
  try {
    return openSync(log, 'w');
  } catch (error) {
    throw unusable(stateDir, error);
  }
}

/** The supervisor's last word on the start; undefined when it ended without one. */
function followStart(
  supervisor: ChildProcess,
  { onEvent, onTrouble }: Pick<DetachOptions, 'onEvent' | 'onTrouble'>,
): Promise<Exclude<SupervisorReport, { kind: 'event' | 'trouble' }> | undefined> {
  return new Promise((resolve, reject) => {
    supervisor.on('error', reject);
    // `exit` may overtake messages still in the channel; `disconnect` comes after the last of them.
    supervisor.on('disconnect', () => resolve(undefined));
    supervisor.on('message', (message: unknown) => {
      if (!isReport(message)) return;
      if (message.kind === 'event') onEvent(message.event);
      else if (message.kind === 'trouble') onTrouble?.(message.sentence);
      else resolve(message);
    });
  });
}

function lost(log: string): ShopctlError {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-20).join('\n');
  return new ShopctlError('supervisor-lost', {
    message: 'the background process died while it was starting the services',
    ...(lines === '' ? {} : { detail: lines }),
    hint: `its log is ${log}; \`shopctl down\` stops what it may have left`,
  });
}
