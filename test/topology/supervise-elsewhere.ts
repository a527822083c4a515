import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { TopologyPlan } from '../../src/topology/plan.ts';
import { processTable } from '../../src/topology/platform.ts';
import { fixture, programs } from './support.ts';

interface Elsewhere {
  readonly stderr?: 'inherit' | 'ignore';
  readonly watchdog?: URL;
}

/** A supervisor in another process, as a foreground `up` in another terminal is; it may still be starting. */
export function beginElsewhere(
  plan: TopologyPlan,
  { stderr = 'inherit', watchdog = programs.watchdog }: Elsewhere = {},
) {
  const file = join(plan.root, 'plan.json');
  writeFileSync(file, JSON.stringify(plan));
  const child = spawn(
    process.execPath,
    [fixture('supervises.mjs'), programs.startTopology.href, file, watchdog.href],
    {
      stdio: ['ignore', 'pipe', stderr],
    },
  );
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** The same when all are ready. */
export async function superviseElsewhere(plan: TopologyPlan, how?: Elsewhere) {
  const child = beginElsewhere(plan, how);
  await once(child.stdout, 'data');
  return child;
}

export async function watchdogOf(supervisor: Pick<ChildProcess, 'pid'>): Promise<number | undefined> {
  const table = processTable();
  for (const { pid, parentPid, zombie } of await table.list()) {
    if (parentPid !== supervisor.pid || zombie) continue;
    if ((await table.commandLine(pid))?.includes('watchdog-main')) return pid;
  }
  return undefined;
}

/** Nobody cleans up after this supervisor any more, as when both are killed at once. */
export async function suspendWatchdog(supervisor: ChildProcess): Promise<void> {
  const pid = await watchdogOf(supervisor);
  if (pid === undefined) throw new Error('the supervisor has no watchdog');
  process.kill(pid, 'SIGSTOP');
  onTestFinished(() => {
    process.kill(pid, 'SIGKILL');
  });
}
