import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../../lib/duration.ts';
import type { Run } from '../run.ts';

/** `up`, `down`, `status`, `logs`. */
export function addTopologyCommands(program: Command, run: Run): void {
  addUp(program, run);
  addDown(program, run);
  addStatus(program, run);
  addLogs(program, run);
}

interface UpFlags {
  readonly detach?: boolean;
  readonly criticalPath?: boolean;
}

function addUp(program: Command, run: Run): void {
  program
    .command('up')
    .argument('[service...]', 'only these, and what they need')
    .summary('start services and wait until they are ready')
    .description(
      'Start services, each the moment what it needs is ready. Stays in the foreground, shows what they write, and ' +
        'stops them on Ctrl-C (exit code 130; a second Ctrl-C kills at once). Ends with 3 when a service fails to start, or ' +
        'when all have ended by themselves.',
    )
    .option('-d, --detach', 'leave them running in the background')
    .option('--critical-path', 'tell what the start waited for, and which service to make faster')
    .action(async (services: string[], flags: UpFlags, command: Command) => {
      const { up } = await import('./up.ts');
      const { detach = false, criticalPath = false } = flags;
      await run(command, (context) => up({ services, detach, criticalPath }, context));
    });
}

function addDown(program: Command, run: Run): void {
  program
    .command('down')
    .summary('stop what runs')
    .description(
      'Stop whatever runs of this project, whoever started it: dependants first, gently, then by force.',
    )
    .option('--volumes', 'also delete what the services stored (.shopctl/data)')
    .action(async ({ volumes = false }: { volumes?: boolean }, command: Command) => {
      const { down } = await import('./down.ts');
      await run(command, (context) => down({ volumes }, context));
    });
}

function addStatus(program: Command, run: Run): void {
  program
    .command('status')
    .summary('show what runs')
    .description(
      'Show what runs. Exit code 0 when every required service is ready and when nothing runs at all; ' +
        '3 when a required service is not ready, or runs although its supervisor has died.',
    )
    .action(async (_options: unknown, command: Command) => {
      const { status } = await import('./status.ts');
      await run(command, status);
    });
}

interface LogsFlags {
  readonly follow?: boolean;
  readonly since?: number;
  readonly lines?: number;
}

function addLogs(program: Command, run: Run): void {
  program
    .command('logs')
    .argument('[service...]', 'only these')
    .summary('show what services wrote')
    .description('Show what the services of the last run wrote, in the order of time.')
    .option('-f, --follow', 'go on with what they write now')
    .addOption(new Option('--since <duration>', 'only the last 5m, 30s, 1h …').argParser(duration))
    .addOption(new Option('-n, --lines <count>', 'only so many of the last lines').argParser(count))
    .action(async (services: string[], { follow = false, since, lines }: LogsFlags, command: Command) => {
      const { logs } = await import('./logs.ts');
      const limits = {
        ...(since === undefined ? {} : { sinceMs: since }),
        ...(lines === undefined ? {} : { last: lines }),
      };
      await run(command, (context) => logs({ services, follow, ...limits }, context));
    });
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('It must be a duration such as 30s, 5m or 1h.');
  return ms;
}

function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
