import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { EXIT, type ExitCode } from '../errors/index.ts';
import { addCommands } from './commands/index.ts';
import { createContext, type GlobalOptions } from './context.ts';
import type { Run } from './run.ts';

const EXAMPLES = `
Examples:
  $ shopctl up                     start the services, stay in the foreground
  $ shopctl test e2e --tag money   bring them up if need be, run the suites, stop them again
  $ shopctl load checkout --duration 30s

Exit codes: 0 all good · 1 an assertion, threshold or contract failed · 2 usage or configuration error ·
  3 the environment failed · 4 inconclusive · 130 interrupted`;

/**
 * The command line as data: nothing of an engine is loaded until its command runs.
 * @param firstWord of what was typed
 */
export function createProgram(
  signal: AbortSignal,
  setExitCode: (code: ExitCode) => void,
  firstWord?: string,
): Command {
  const program = new Command('shopctl')
    .description('Start HTTP services, prove that they work, and say what broke, where and why.')
    .version(version(), '-V, --version')
    .option('-c, --config <file>', 'configuration file (default: the nearest e2e.config.yaml)')
    .option('--topology <name>', 'which topology of the configuration')
    .option('--project <name>', 'a project of its own beside others, as SHOPCTL_PROJECT')
    .option('--free-ports', 'start services on free ports instead of those of the configuration')
    .option('--env-file <file>', 'read environment variables from a file; the environment wins')
    .option('--json', 'machine-readable results on stdout')
    .option('-q, --quiet', 'no progress, only results and errors')
    .option('--no-color', 'no colours (also: NO_COLOR=1)')
    .addOption(new Option('--seed <n>', 'replay a run: what is random derives from it').argParser(seed))
    .addHelpText('after', EXAMPLES)
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for what is possible)')
    .exitOverride();
  const run: Run = async (command, body, { endsOnInterrupt = false } = {}) => {
    const code = await body(createContext(command.optsWithGlobals<GlobalOptions>(), signal));
    setExitCode(signal.aborted && !endsOnInterrupt ? EXIT.interrupted : code);
  };
  addCommands(program, run, firstWord);
  return program;
}

function version(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const parsed: { version?: unknown } = JSON.parse(text);
  return String(parsed.version);
}

/** A whole number from 0 to 2^32 - 1, as every report prints it. */
function seed(text: string): number {
  if (/^\d{1,10}$/.test(text) && Number(text) < 0x1_0000_0000) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 0 to 4294967295.');
}
