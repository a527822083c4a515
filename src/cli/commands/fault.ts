import { Chalk } from 'chalk';
import type { Project } from '../../config/index.ts';
import { EXIT, type ExitCode, ShopctlError } from '../../errors/index.ts';
import { clearFaults, type Fault, listFaults, type ServiceFaults, setFault } from '../../faults/index.ts';
import type { CliContext } from '../context.ts';
import { writeAll } from '../log-printer.ts';

/** Prints what is set by hand on one service, or on all that run. */
export async function faultList(service: string | undefined, context: CliContext): Promise<ExitCode> {
  const project = await context.loadProject();
  const found = await listFaults(service, { project, signal: context.signal });
  return await print(
    found,
    { schema: 'shopctl/fault-list/1', nothing: 'no faults are set' },
    { project, context },
  );
}

/** Sets a fault and prints all that are set on the service now. */
export async function faultSet(service: string, fault: Fault, context: CliContext): Promise<ExitCode> {
  const project = await context.loadProject();
  const now = await setFault(service, fault, { project, signal: context.signal });
  await print([now], { schema: 'shopctl/fault-set/1', nothing: 'no faults are set' }, { project, context });
  const isTalking = !context.json && !context.quiet;
  if (isTalking) {
    context.stderr.write(`until \`shopctl fault clear ${service}\`, or until ${service} restarts\n`);
  }
  return EXIT.ok;
}

/** Takes faults away and prints those that were set. */
export async function faultClear(
  { service, route }: { service: string | undefined; route: string | undefined },
  context: CliContext,
): Promise<ExitCode> {
  if (service === undefined && route !== undefined) {
    throw new ShopctlError('usage', {
      message: 'a route is cleared on one service',
      hint: `name it: shopctl fault clear SERVICE --route "${route}"`,
    });
  }
  const project = await context.loadProject();
  const which = {
    ...(service === undefined ? {} : { service }),
    ...(route === undefined ? {} : { route }),
  };
  const cleared = await clearFaults(which, { project, signal: context.signal });
  const words = { schema: 'shopctl/fault-clear/1', nothing: 'no faults were set' } as const;
  return await print(cleared, words, { project, context });
}

interface Words {
  readonly schema: 'shopctl/fault-list/1' | 'shopctl/fault-set/1' | 'shopctl/fault-clear/1';
  /** What is said when there is no fault. */
  readonly nothing: string;
}

async function print(
  found: readonly ServiceFaults[],
  { schema, nothing }: Words,
  { project, context }: { project: Project; context: CliContext },
): Promise<ExitCode> {
  const { stdout, stderr, json, quiet, color } = context;
  if (json) {
    const document = { schema, topology: project.topology, services: found.map(serviceDocument) };
    await writeAll(stdout, `${JSON.stringify(document)}\n`);
    return EXIT.ok;
  }
  const rows = found.flatMap(({ service, faults }) => faults.map((fault) => [service, ...cells(fault)]));
  await writeAll(stdout, `${rows.length === 0 ? nothing : table(rows, color)}\n`);
  const closed = found.flatMap((one) => one.closed ?? []);
  if (!quiet) for (const reason of closed) stderr.write(`${reason}\n`);
  return EXIT.ok;
}

/** A service as a machine reads it. `closed` says why a service could not be asked. */
function serviceDocument({ service, since, faults, closed }: ServiceFaults) {
  return {
    service,
    since: since ?? null,
    closed: closed ?? null,
    faults: faults.map(({ route, latency, failureRate }) => ({
      route: route ?? null,
      latency: latency ?? null,
      failure_rate: failureRate ?? null,
    })),
  };
}

const COLUMNS = ['SERVICE', 'ROUTE', 'LATENCY', 'FAILURES'] as const;

const cells = ({ route = 'every route', latency = '-', failureRate = '-' }: Fault) => [
  route,
  latency,
  failureRate,
];

function table(rows: readonly (readonly string[])[], color: boolean): string {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const widths = COLUMNS.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [chalk.dim(line(COLUMNS)), ...rows.map(line)].join('\n');
}
