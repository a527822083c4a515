/**
 * Entry of the watchdog: waits until the process that started it is gone, and ends the services it has left behind.
 * Arguments: state folder, mark of the run.
 */
import { text } from 'node:stream/consumers';
import { tellStarted } from '../lib/tell-started.ts';
import { endRun } from './end-run.ts';
import { processTable } from './platform.ts';
import { DISMISSAL } from './watchdog.ts';

const [, , stateDir = '', run = ''] = process.argv;
// What ends a session or a group must not end whoever cleans up after it.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);

void watch();
tellStarted();

async function watch(): Promise<void> {
  const last = await text(process.stdin).catch(() => '');
  if (last !== DISMISSAL) await endRun({ stateDir, run, table: processTable() });
}
