import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../../lib/duration.ts';
import type { LogLevel } from '../../lib/log-levels.ts';
import { logLevel, logPattern } from '../log-filter-words.ts';
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
  readonly attach?: boolean;
  readonly watch?: boolean;
  readonly criticalPath?: boolean;
  readonly raw?: boolean;
  readonly adopt?: boolean;
  readonly plain?: boolean;
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
    .option(
      '--attach',
      'where it runs already, watch that: Ctrl-C leaves it running; with -d wait until all are ready',
    )
    .option('--no-watch', 'do not restart services when the files change that they `watch`')
    .option('--raw', 'show the lines of services as they write them, and nothing else')
    .option('--adopt', 'use services that somebody already runs as they are, and never stop those')
    .option('--plain', 'on a terminal, too, only lines: no live view, no keys')
    .option('--critical-path', 'tell what the start waited for, and which service to make faster')
    .action(async (services: string[], flags: UpFlags, command: Command) => {
      const { up } = await import('./up.ts');
      const { detach = false, attach = false, adopt = false, watch = true } = flags;
      const { criticalPath = false, raw = false, plain = false } = flags;
      const options = { services, detach, attach, adopt, watch, criticalPath, raw, plain };
      await run(command, (context) => up(options, context), { endsOnInterrupt: attach && !detach });
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
        '3 when a required service is not ready, or runs although its supervisor has died. With --watch 0, by Ctrl-C.',
    )
    .addOption(
      new Option('-w, --watch [interval]', 'go on showing it, every second or every 2s …').argParser(
        interval,
      ),
    )
    .action(async ({ watch }: { watch?: number | true }, command: Command) => {
      const { status } = await import('./status.ts');
      const watchMs = watch === true ? DEFAULT_WATCH_MS : watch;
      const options = watchMs === undefined ? {} : { watchMs };
      await run(command, (context) => status(options, context), { endsOnInterrupt: watchMs !== undefined });
    });
}

const DEFAULT_WATCH_MS = 1_000;
const LEAST_WATCH_MS = 100;
const MOST_WATCH_MS = 3_600_000;

function interval(text: string): number {
  const ms = duration(text);
  if (ms >= LEAST_WATCH_MS && ms <= MOST_WATCH_MS) return ms;
  throw new InvalidArgumentError('It must be between 100ms and 1h.');
}

interface LogsFlags {
  readonly follow?: boolean;
  readonly since?: number;
  readonly lines?: number;
  readonly level?: LogLevel;
  readonly requestId?: string;
  readonly grep?: RegExp;
  readonly raw?: boolean;
}

function addLogs(program: Command, run: Run): void {
  program
    .command('logs')
    .argument('[service...]', 'only these')
    .summary('show what services wrote')
    .description(
      'Show what the services of the last run wrote, in the order of time. Lines of structured logs (JSON) are shown as ' +
        'time, level, message and key=value. Of several filters all must hold.',
    )
    .option('-f, --follow', 'go on with what they write now, also in a later run')
    .addOption(new Option('--since <duration>', 'only the last 5m, 30s, 1h …').argParser(duration))
    .addOption(new Option('-n, --lines <count>', 'only so many of the last lines that pass').argParser(count))
    .addOption(new Option('--level <level>', 'only this level and graver: warn').argParser(logLevel))
    .option('--request-id <id>', 'only lines of this request or trace')
    .addOption(
      new Option(
        '--grep <text>',
        'only lines with TEXT (any case, if in small letters) or /regex/',
      ).argParser(logPattern),
    )
    .option('--raw', 'the lines as they were written, and nothing else')
    .action(async (services: string[], flags: LogsFlags, command: Command) => {
      const { logs } = await import('./logs.ts');
      const { follow = false, since, lines, level, requestId, grep, raw = false } = flags;
      const limits = {
        ...(since === undefined ? {} : { sinceMs: since }),
        ...(lines === undefined ? {} : { last: lines }),
      };
      const filter = {
        ...(level === undefined ? {} : { level }),
        ...(requestId === undefined ? {} : { requestId }),
        ...(grep === undefined ? {} : { grep }),
      };
      await run(command, (context) => logs({ services, follow, filter, raw, ...limits }, context));
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
