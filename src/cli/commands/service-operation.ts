import { EXIT, type ExitCode, ShopctlError } from '../../errors/index.ts';
import type { ServiceEvent } from '../../model/index.ts';
import {
  connectToRun,
  isUp,
  notRunning,
  type ServiceOperation,
  type ServiceStatus,
  type Statuses,
} from '../../topology/index.ts';
import { aborted } from '../aborted.ts';
import type { CliContext } from '../context.ts';
import { writeAll } from '../log-printer.ts';
import { withServiceProgress } from '../progress.ts';
import { statusDocument } from '../status-document.ts';

export interface OperationOptions {
  readonly operation: ServiceOperation;
  readonly services: readonly string[];
  /** With `restart`: also whoever needs them. */
  readonly withDependants: boolean;
}

/** Asks the supervisor of the project to restart, stop or start single services, and shows what happens meanwhile. */
export async function operateServices(options: OperationOptions, context: CliContext): Promise<ExitCode> {
  const { signal, stdout, stderr, json, quiet } = context;
  const project = await context.loadProject();
  let show: (event: ServiceEvent) => void = () => undefined;
  const client = await connectToRun(project, { signal, onEvent: (event) => show(event) });
  if (client === undefined) throw notRunning(project.name);
  try {
    const before = await client.ask({ request: 'follow' });
    const names = before.services.map(({ name }) => name);
    const { operation, services, withDependants } = options;
    // Plain lines: a stop and a start of the same service are two facts.
    const after = await withServiceProgress({ ...context, interactive: false }, names, (onEvent) => {
      show = onEvent;
      const asked = client.ask({ request: operation, services, withDependants });
      return Promise.race([asked, aborted(signal)]);
    });
    if (after === undefined)
      throw new ShopctlError('interrupted', {
        message: `interrupted; the supervisor goes on with the ${operation}`,
        hint: 'see `shopctl status`',
      });
    refuseBroken(options, before, after);
    if (json) {
      const supervisor = { pid: client.pid };
      const document = statusDocument(`shopctl/${operation}/1`, { ...after, supervisor });
      await writeAll(stdout, `${JSON.stringify(document)}\n`);
    } else if (!quiet) {
      for (const line of conclusion(options, before, after)) stderr.write(`${line}\n`);
    }
    return EXIT.ok;
  } finally {
    client.close();
  }
}

/** @throws ShopctlError `service-not-ready` when one that was ready before does not answer now */
function refuseBroken({ operation, services }: OperationOptions, before: Statuses, after: Statuses): void {
  if (operation === 'stop') return;
  const wasReady = new Set(before.services.filter(isUp).map(({ name }) => name));
  const broken = after.services.filter(
    (service) => service.required && wasReady.has(service.name) && service.state === 'unhealthy',
  );
  const [first] = broken;
  if (first === undefined) return;
  const others = broken.map(({ name, reason = 'does not answer' }) => `${name} ${reason}`).join('; ');
  throw new ShopctlError('service-not-ready', {
    message: `${services.join(', ')} ${services.length === 1 ? 'is' : 'are'} ready, but what needs it is not: ${others}`,
    hint: `see \`shopctl logs ${first.name}\`, or restart it too: --with-dependants`,
  });
}

function conclusion({ operation, services }: OperationOptions, before: Statuses, after: Statuses): string[] {
  const stateOf = (statuses: Statuses, name: string): ServiceStatus | undefined =>
    statuses.services.find((service) => service.name === name);
  if (operation === 'start') {
    const ran = services.filter((name) => {
      const pid = stateOf(before, name)?.pid;
      return pid !== undefined && pid === stateOf(after, name)?.pid;
    });
    return ran.length === 0 ? [] : [`${ran.join(', ')} ran already`];
  }
  if (operation !== 'stop') return [];
  const idle = services.filter((name) => stateOf(before, name)?.pid === undefined);
  const { neededBy = [] } = after;
  return [
    ...(idle.length === 0 ? [] : [`${idle.join(', ')} did not run`]),
    ...(neededBy.length === 0
      ? []
      : [
          `${neededBy.join(', ')} ${neededBy.length === 1 ? 'needs' : 'need'} what was stopped, and ${neededBy.length === 1 ? 'waits' : 'wait'} until \`shopctl start ${services.join(' ')}\``,
        ]),
  ];
}
