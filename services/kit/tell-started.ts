import { channel } from 'node:diagnostics_channel';
import { closeSync, writeSync } from 'node:fs';

/** Whoever runs this program in one file with a code cache keeps what was compiled by now. */
const started = channel('program.started');

/**
 * Tells that the service listens: within the process, and to whoever started it with a pipe whose number is in
 * `READY_FD`. Nobody listening any more is no reason not to serve.
 */
export function tellStarted(): void {
  started.publish(undefined);
  const descriptor = process.env['READY_FD'];
  if (descriptor === undefined || !/^\d{1,4}$/.test(descriptor)) return;
  // What this process starts has nothing to say about it.
  delete process.env['READY_FD'];
  try {
    writeSync(Number(descriptor), 'READY=1\n');
    closeSync(Number(descriptor));
  } catch {
    // It has gone, or was never open.
  }
}
