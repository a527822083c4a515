import { type Project, projectName } from '../config/index.ts';
import { readEnvFile } from './env-file.ts';
import { findConfig } from './find-config.ts';
import { loadForCommand } from './load-for-command.ts';

/** What every command is given: where to write, how, for how long, and the project on demand. */
export interface CliContext {
  /** Results. */
  readonly stdout: NodeJS.WriteStream;
  /** Talk and progress. */
  readonly stderr: NodeJS.WriteStream;
  readonly color: boolean;
  /** stderr is a terminal in which lines may be redrawn. */
  readonly interactive: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  /** Everything random in this run derives from it; reports print it. */
  readonly seed: number;
  /** The environment, with what `--env-file` adds. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
  /**
   * With the ports of what runs. `picked`: services may be started now, and those with any free port are given one.
   * @throws ShopctlError when the configuration is missing or wrong
   */
  loadProject(data?: 'kept' | 'fresh', ports?: 'known' | 'picked'): Promise<Project>;
}

/** Options that every command takes. */
export interface GlobalOptions {
  readonly config?: string;
  readonly topology?: string;
  readonly project?: string;
  readonly freePorts?: boolean;
  readonly envFile?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color: boolean;
  readonly seed?: number;
}

const MAX_SEED = 0x1_0000_0000;

export function createContext(options: GlobalOptions, signal: AbortSignal): CliContext {
  const { stdout, stderr } = process;
  const env = { ...(options.envFile === undefined ? {} : readEnvFile(options.envFile)), ...process.env };
  const json = options.json ?? false;
  const quiet = options.quiet ?? false;
  const project = projectName(options.project, env['SHOPCTL_PROJECT']);
  const isDumb = env['TERM'] === 'dumb' || isSet(env['CI']);
  return {
    stdout,
    stderr,
    color: options.color && wantsColor(env, stdout),
    interactive: stderr.isTTY === true && !isDumb && !json && !quiet,
    json,
    quiet,
    seed: options.seed ?? Math.floor(Math.random() * MAX_SEED),
    env,
    signal,
    loadProject: (data = 'kept', ports = data === 'fresh' ? 'picked' : 'known') => {
      const request = {
        file: options.config ?? findConfig(process.cwd()),
        env,
        cwd: process.cwd(),
        data,
        program: [process.execPath, ...process.argv.slice(1, 2)],
        ...(options.topology === undefined ? {} : { topology: options.topology }),
        ...(options.seed === undefined ? {} : { seed: options.seed }),
        ...(project === undefined ? {} : { project }),
        freePorts: options.freePorts ?? false,
      };
      return loadForCommand(request, ports === 'picked');
    },
  };
}

/** NO_COLOR (no-color.org) wins over FORCE_COLOR, which wins over whether stdout is a terminal. */
export function wantsColor(
  env: Readonly<Record<string, string | undefined>>,
  stream: { readonly isTTY?: boolean },
): boolean {
  if (isSet(env['NO_COLOR'])) return false;
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] !== '0';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

const isSet = (value: string | undefined) => value !== undefined && value !== '';
