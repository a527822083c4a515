/**
 * Entry of the watchdog once it has something to do: the process that started it is gone, and the services that it has left
 * behind are to be ended. Read from its input; arguments: its name, state folder, mark of the run.
 */
import { endRun } from './end-run.ts';
import { processTable } from './platform.ts';

const [stateDir = '', run = ''] = process.argv.slice(3);
// What ends a session or a group must not end whoever cleans up after it.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);

void endRun({ stateDir, run, table: processTable() });
