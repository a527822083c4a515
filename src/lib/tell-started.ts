import { channel } from 'node:diagnostics_channel';

const started = channel('program.started');

/** Tells whoever runs this program in one file with a code cache that what is compiled by now is worth to be kept. */
export function tellStarted(): void {
  started.publish(undefined);
}
