import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * For everything that is measured. What else a user's environment holds is paid for by each process: with
 * `NODE_EXTRA_CA_CERTS`, say, every Node starts in twice the time.
 */
export const environment = { PATH: process.env.PATH, HOME: process.env.HOME };

/** CPU of a living process and its threads so far, in milliseconds: `schedstat` counts nanoseconds. */
export function cpuMs(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  const spent = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'));
  return spent.reduce((sum, text) => sum + Number(text.split(' ')[0]), 0) / 1e6;
}

/** Every process that has this text in its environment: whoever started it, and wherever it went. */
export function pidsMarked(mark) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark);
      } catch {
        return false;
      }
    })
    .map(Number);
}

export function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** One start of a program that says so when it listens: milliseconds until then, and CPU. */
export async function oneStart(command, { env, cwd, mark }) {
  const began = performance.now();
  const [program, ...args] = command;
  const child = spawn(program, args, { env, cwd, stdio: ['ignore', 'ignore', 'inherit', 'pipe'] });
  const said = await new Promise((resolve) => {
    child.stdio[3].once('data', () => resolve(true));
    child.once('exit', () => resolve(false));
  });
  const wallMs = performance.now() - began;
  if (!said) throw new Error(`${command.join(' ')} ended before it listened`);
  const spentMs = cpuMs(child.pid);
  child.kill(mark ?? 'SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
  return { wallMs, cpuMs: spentMs };
}

/** How long it takes until a program that does one thing has ended. */
export async function oneRun(args, cwd) {
  const began = performance.now();
  const child = spawn(process.execPath, args, { cwd, env: environment, stdio: 'ignore' });
  await new Promise((resolve) => child.once('exit', resolve));
  return performance.now() - began;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
