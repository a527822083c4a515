import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startFront } from './front.ts';

/** A service as a process of its own, at an address that stays when the process does not. */
export interface ServiceProcess {
  name: string;
  url: string;
  /** On the data that is there; resolves when it listens. */
  start(): Promise<void>;
  /** `kill -9` in the midst of its traffic: at the n-th piece of it from now on. Resolves when the process is gone. */
  killAtPiece(count: number): Promise<void>;
  /** `kill -9` now. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** Ends process and address. */
  stop(): Promise<void>;
}

/** `settings` are its environment variables. It has a free port, runs from `dist`, and is not started yet. */
export async function serviceProcess(
  name: string,
  settings: () => Record<string, string>,
): Promise<ServiceProcess> {
  const path = fileURLToPath(new URL(`../../dist/shop/${name}.cjs`, import.meta.url));
  const env = () => ({ HOST: '127.0.0.1', PORT: '0', ...settings() });
  return await programProcess({ name, args: [path], env });
}

/** A Node program whose first line is a JSON object with the `port` on which it listens. */
interface Program {
  name: string;
  /** The file, and what it is told. */
  args: readonly string[];
  env: () => Record<string, string>;
}

/** Any such program as a process that can be killed and started again. It is not started yet. */
export async function programProcess(program: Program): Promise<ServiceProcess> {
  const front = await startFront();
  let child: ChildProcess | undefined;
  let isOver = false;
  const gone = async () => {
    if (child !== undefined && child.exitCode === null && child.signalCode === null)
      await once(child, 'exit');
  };
  return {
    name: program.name,
    url: front.url,
    start: async () => {
      // Whoever still restarts it after a test has failed must not leave a process behind.
      if (isOver) throw new Error(`${program.name} was stopped for good`);
      child = spawnProgram(program);
      front.leadTo(await portOf(program.name, child));
    },
    killAtPiece: async (count) => {
      await new Promise<void>((resolve) => {
        front.atPiece(count, () => {
          child?.kill('SIGKILL');
          front.cut();
          resolve();
        });
      });
      await gone();
    },
    kill: async () => {
      child?.kill('SIGKILL');
      front.cut();
      await gone();
    },
    stop: async () => {
      isOver = true;
      child?.kill('SIGKILL');
      await gone();
      await front.stop();
    },
  };
}

function spawnProgram({ args, env }: Program): ChildProcess {
  return spawn(process.execPath, args, { env: env(), stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Its first line says where it listens; the rest is read so that it never waits for a reader. */
async function portOf(name: string, child: ChildProcess): Promise<number> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error(`${name} has no output`);
  let complaints = '';
  stderr.on('data', (piece) => {
    complaints += piece;
  });
  const [line] = await Promise.race([
    once(createInterface(stdout), 'line'),
    once(child, 'exit').then(() => {
      throw new Error(`${name} ended before it listened: ${complaints}`);
    }),
  ]);
  return Number(JSON.parse(line).port);
}
