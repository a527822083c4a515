import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Front, startFront } from './front.ts';

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
  const front = await startFront();
  let child: ChildProcess | undefined;
  const gone = async () => {
    if (child !== undefined && child.exitCode === null && child.signalCode === null)
      await once(child, 'exit');
  };
  return {
    name,
    url: front.url,
    start: async () => {
      child = await startProgram(name, settings(), front);
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
      child?.kill('SIGKILL');
      await gone();
      await front.stop();
    },
  };
}

async function startProgram(name: string, settings: Record<string, string>, front: Front) {
  const program = fileURLToPath(new URL(`../../dist/services/${name}/main.js`, import.meta.url));
  const child = spawn(process.execPath, [program], {
    env: { HOST: '127.0.0.1', PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaints = '';
  child.stderr.on('data', (piece) => {
    complaints += piece;
  });
  const lines = createInterface(child.stdout);
  const [line] = await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(() => {
      throw new Error(`${name} ended before it listened: ${complaints}`);
    }),
  ]);
  // Its first line says where it listens; the rest is read so that it never waits for a reader.
  front.leadTo(Number(JSON.parse(line).port));
  return child;
}
