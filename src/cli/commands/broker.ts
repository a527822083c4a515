import { join, resolve } from 'node:path';
import {
  type Broker,
  type BrokerFaults,
  type BrokerNote,
  readFaults,
  startBroker,
  writeFaults,
} from '../../broker/embedded/index.ts';
import { type Management, serveManagement } from '../../broker/management/index.ts';
import { EXIT, type ExitCode, ShopctlError } from '../../errors/index.ts';
import { deriveSeed, seededRandom } from '../../lib/random.ts';
import { takeReadyPipe } from '../../lib/ready-pipe.ts';
import { tellStarted } from '../../lib/tell-started.ts';
import { ownerOfPort } from '../../topology/index.ts';
import type { CliContext } from '../context.ts';
import { writeAll } from '../log-printer.ts';

export interface BrokerCommandOptions {
  readonly port: number;
  readonly managementPort: number;
  /** Undefined: nothing is kept. */
  readonly dataDir?: string;
  /** Show connections. */
  readonly verbose: boolean;
  /** What goes wrong on purpose, such as `duplicate=1`. */
  readonly faults: readonly string[];
}

/** Runs the embedded broker until interrupted, or until its journal can no longer be written. */
export async function broker(options: BrokerCommandOptions, context: CliContext): Promise<ExitCode> {
  const tellReady = takeReadyPipe();
  const { signal } = context;
  const faults = readFaults(options.faults);
  const journalFile =
    options.dataDir === undefined ? undefined : join(resolve(options.dataDir), 'broker.sqlite');
  const credentials = credentialsFrom(context);
  let running: Broker | undefined;
  let failure: ShopctlError | undefined;
  // Before the broker: clients are told where it is, and a port that is taken is known before anybody connects.
  const management = await serve({ port: options.managementPort, credentials, read: () => running?.stats() });
  try {
    const where = { credentials, journalFile, managementUrl: management.url };
    running = await start({ ...options, ...where, faults }, context);
    await announce(running, { journalFile, management, faults: writeFaults(faults) }, context);
    tellReady();
    tellStarted();
    failure = await Promise.race([running.failure, aborted(signal)]);
  } finally {
    await running?.close();
    await management.close();
  }
  if (failure !== undefined) throw failure;
  return EXIT.ok;
}

interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** From the environment only: what stands on a command line, everybody on the machine can read. */
function credentialsFrom({ env }: CliContext): Credentials {
  return { user: env['BROKER_USER'] || 'guest', password: env['BROKER_PASSWORD'] || 'guest' };
}

async function serve(options: Parameters<typeof serveManagement>[0]): Promise<Management> {
  try {
    return await serveManagement(options);
  } catch (error) {
    throw await withOwner(
      { port: options.port, of: 'the management page', option: '--management-port N' },
      error,
    );
  }
}

interface Start extends Pick<BrokerCommandOptions, 'port' | 'verbose'> {
  readonly credentials: Credentials;
  readonly journalFile: string | undefined;
  readonly managementUrl: string;
  readonly faults: BrokerFaults;
}

async function start(
  { port, verbose, credentials, journalFile, managementUrl, faults }: Start,
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
      credentials,
      managementUrl,
      faults,
      ...(journalFile === undefined ? {} : { journalFile }),
    });
  } catch (error) {
    throw await withOwner({ port, of: 'the broker', option: '--port N' }, error);
  }
}

/** Names who has the port, where that can be found out. */
async function withOwner(
  { port, of, option }: { readonly port: number; readonly of: string; readonly option: string },
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof ShopctlError) || error.code !== 'port-taken') return error;
  const owner = await ownerOfPort(port);
  if (owner === undefined) return error;
  const stop =
    owner.pid === undefined ? 'find it with `sudo ss -ltnp`' : `stop it with \`kill ${owner.pid}\``;
  return new ShopctlError('port-taken', {
    message: `port ${port} of ${of} is taken by ${owner.words}`,
    hint: `${stop}, or choose another port with \`${option}\``,
    cause: error,
  });
}

interface Announced {
  readonly journalFile: string | undefined;
  readonly management: Management;
  readonly faults: readonly string[];
}

async function announce(
  { url, port, addresses }: Broker,
  { journalFile, management, faults }: Announced,
  { json, quiet, seed, stdout, stderr }: CliContext,
): Promise<void> {
  if (json) {
    const document = {
      schema: 'shopctl/broker/1',
      url,
      port,
      addresses,
      pid: process.pid,
      journal: journalFile ?? null,
      management: management.url,
      faults,
      seed,
    };
    await writeAll(stdout, `${JSON.stringify(document)}\n`);
    return;
  }
  await writeAll(stdout, `${url}\n`);
  if (quiet) return;
  const kept = journalFile === undefined ? 'nothing is kept' : `kept in ${journalFile}`;
  if (faults.length > 0) {
    stderr.write(`goes wrong on purpose: ${faults.join(', ')}; --seed ${seed} strikes the same messages\n`);
  }
  stderr.write(`queues and rates at ${management.url}\n`);
  stderr.write(`AMQP 0-9-1 on ${addresses.join(' and ')} port ${port}, ${kept}; Ctrl-C stops it\n`);
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
