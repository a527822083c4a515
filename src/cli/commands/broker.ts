import { join, resolve } from 'node:path';
import { type Broker, type BrokerNote, startBroker } from '../../broker/embedded/index.ts';
import { EXIT, type ExitCode, ShopctlError } from '../../errors/index.ts';
import { deriveSeed, seededRandom } from '../../lib/random.ts';
import { ownerOfPort } from '../../topology/index.ts';
import type { CliContext } from '../context.ts';
import { writeAll } from '../log-printer.ts';

export interface BrokerCommandOptions {
  readonly port: number;
  /** Undefined: nothing is kept. */
  readonly dataDir?: string;
  /** Show connections. */
  readonly verbose: boolean;
}

/** Runs the embedded broker until interrupted, or until its journal can no longer be written. */
export async function broker(options: BrokerCommandOptions, context: CliContext): Promise<ExitCode> {
  const { signal } = context;
  const journalFile =
    options.dataDir === undefined ? undefined : join(resolve(options.dataDir), 'broker.sqlite');
  const running = await start(options, journalFile, context);
  let failure: ShopctlError | undefined;
  try {
    await announce(running, journalFile, context);
    failure = await Promise.race([running.failure, aborted(signal)]);
  } finally {
    await running.close();
  }
  if (failure !== undefined) throw failure;
  return EXIT.ok;
}

async function start(
  { port, verbose }: BrokerCommandOptions,
  journalFile: string | undefined,
  { seed, quiet, stderr }: CliContext,
): Promise<Broker> {
  const log = ({ kind, sentence }: BrokerNote) => {
    if (kind === 'connection' ? verbose : !quiet) stderr.write(`${kind}: ${sentence}\n`);
  };
  try {
    return await startBroker({
      port,
      random: seededRandom(deriveSeed(seed, 'broker')),
      log,
      ...(journalFile === undefined ? {} : { journalFile }),
    });
  } catch (error) {
    if (error instanceof ShopctlError && error.code === 'port-taken') throw await withOwner(port, error);
    throw error;
  }
}

/** Names who has the port, where that can be found out. */
async function withOwner(port: number, error: ShopctlError): Promise<ShopctlError> {
  const owner = await ownerOfPort(port);
  if (owner === undefined) return error;
  const stop =
    owner.pid === undefined ? 'find it with `sudo ss -ltnp`' : `stop it with \`kill ${owner.pid}\``;
  return new ShopctlError('port-taken', {
    message: `port ${port} of the broker is taken by ${owner.words}`,
    hint: `${stop}, or choose another port with \`--port N\``,
    cause: error,
  });
}

async function announce(
  { url, port, addresses }: Broker,
  journalFile: string | undefined,
  { json, quiet, stdout, stderr }: CliContext,
): Promise<void> {
  if (json) {
    const document = {
      schema: 'shopctl/broker/1',
      url,
      port,
      addresses,
      pid: process.pid,
      journal: journalFile ?? null,
    };
    await writeAll(stdout, `${JSON.stringify(document)}\n`);
    return;
  }
  await writeAll(stdout, `${url}\n`);
  if (quiet) return;
  const kept = journalFile === undefined ? 'nothing is kept' : `kept in ${journalFile}`;
  stderr.write(`AMQP 0-9-1 on ${addresses.join(' and ')} port ${port}, ${kept}; Ctrl-C stops it\n`);
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
