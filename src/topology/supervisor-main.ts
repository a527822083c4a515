/**
 * Entry of the background process behind `up --detach`: starts a plan that it is sent, reports to its launcher until all
 * are ready, and then watches the services until it is told to stop or none is left.
 */
import { once } from 'node:events';
import { ShopctlError } from '../errors/index.ts';
import { tellStarted } from '../lib/tell-started.ts';
import { toldError } from './control/messages.ts';
import type { RunningTopology } from './running-topology.ts';
import { startTopology } from './start-topology.ts';
import { isOrder, type SupervisorOrder, type SupervisorReport } from './supervisor-messages.ts';

const stop = new AbortController();
const hurry = new AbortController();
const interrupt = () => (stop.signal.aborted ? hurry : stop).abort();
for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, interrupt);
// A launcher that dies before all are ready leaves nobody to say that they are.
process.on('disconnect', interruptStart);

void supervise();

async function supervise(): Promise<void> {
  const [order]: unknown[] = await once(process, 'message');
  if (!isOrder(order)) throw new Error('the supervisor was sent something else than a plan');
  const running = await start(order);
  if (running === undefined) return;
  if (!stop.signal.aborted) await Promise.race([running.allEnded, once(stop.signal, 'abort')]);
  await running.stop();
}

async function start({ plan, watch, adopt }: SupervisorOrder): Promise<RunningTopology | undefined> {
  try {
    const running = await startTopology(plan, {
      signal: stop.signal,
      hurry: hurry.signal,
      detached: true,
      watch,
      adopt,
      onTrouble: (sentence) => {
        process.stderr.write(`${sentence}\n`);
        void report({ kind: 'trouble', sentence });
      },
      onEvent: (event) => (event.type === 'log-lines' ? undefined : report({ kind: 'event', event })),
    });
    process.off('disconnect', interruptStart);
    await report({ kind: 'ready', services: running.services() });
    if (process.connected) process.disconnect();
    tellStarted();
    return running;
  } catch (error) {
    if (!(error instanceof ShopctlError)) throw error;
    process.off('disconnect', interruptStart);
    process.exitCode = error.exitCode;
    await report({ kind: 'failed', error: toldError(error) });
    if (process.connected) process.disconnect();
    return undefined;
  }
}

function interruptStart(): void {
  stop.abort();
}

/** Resolves when the message is on its way; a launcher that is gone needs none. */
function report(message: SupervisorReport): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}
