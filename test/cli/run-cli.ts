import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const BIN = fileURLToPath(new URL('../../bin/shopctl.js', import.meta.url));
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface CliRun {
  readonly child: ChildProcess;
  /** What stderr and stdout hold so far. */
  readonly output: { stdout: string; stderr: string };
  readonly exited: Promise<CliResult>;
  /** Resolves once stdout or stderr holds `text`; rejects when the process ends before that. */
  readonly shows: (text: string) => Promise<void>;
}

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliSurroundings {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly bin?: string;
}

/** Starts the built CLI as a user would: no terminal, a cleared environment. */
export function startCli(args: readonly string[], { cwd, env = {}, bin = BIN }: CliSurroundings): CliRun {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [bin, ...args], {
    cwd,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      output[stream] += chunk;
      for (const watcher of watchers) watcher();
    });
  }
  const exited = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...output }));
  });
  const shows = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!output.stdout.includes(text) && !output.stderr.includes(text)) return;
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
      exited.then(
        () => reject(new Error(`ended without showing ${text}:\n${output.stdout}\n${output.stderr}`)),
        reject,
      );
    });
  return { child, output, exited, shows };
}

/** Runs the built CLI to its end. */
export function runCli(args: readonly string[], surroundings: CliSurroundings): Promise<CliResult> {
  return startCli(args, surroundings).exited;
}
