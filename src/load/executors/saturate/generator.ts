/** The program of a generator process: takes one plan over IPC, drives it, reports, ends. */
import { tellStarted } from '../../../lib/tell-started.ts';
import { drive } from './drive.ts';
import type { NamedRequest } from './lane.ts';
import { type FromGenerator, type GeneratorPlan, isToGenerator } from './protocol.ts';
import { renderers } from './renderers.ts';

const stop = new AbortController();
let prepared: { readonly plan: GeneratorPlan; readonly render: readonly (() => NamedRequest)[] } | undefined;

const send = (message: FromGenerator) => {
  if (process.connected) process.send?.(message);
};

async function obey(message: unknown): Promise<void> {
  if (!isToGenerator(message)) return;
  if (message.kind === 'plan') {
    prepared = { plan: message.plan, render: await renderers(message.plan) };
    send({ kind: 'ready' });
    tellStarted();
  } else if (message.kind === 'stop') {
    stop.abort();
  } else if (prepared !== undefined) {
    await drive({ ...prepared, send, stop: stop.signal });
  }
}

process.on('message', (message) => {
  void obey(message);
});
// The parent has all it needs, or is gone: then nobody reads the numbers, and nobody would end the load.
process.on('disconnect', () => process.exit());
// Ctrl-C and a closed terminal reach the whole process group; the parent decides what they mean, and asks for the
// numbers so far before it ends this process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
