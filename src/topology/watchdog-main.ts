/**
 * Entry of the watchdog once it has something to do: the process that started it is gone, and the services that it has left
 * behind are to be ended. Arguments: state folder, mark of the run.
 */
import { tellStarted } from '../lib/tell-started.ts';
import { endRun } from './end-run.ts';
import { processTable } from './platform.ts';

const [, , stateDir = '', run = ''] = process.argv;
// What ends a session or a group must not end whoever cleans up after it.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);

void endRun({ stateDir, run, table: processTable() }).then(tellStarted);
