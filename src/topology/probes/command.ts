import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Probe } from '../../config/probe-spec.ts';
import { messageOf } from '../../errors/index.ts';
import { describeExit } from '../describe-exit.ts';
import { LineSplitter } from '../line-splitter.ts';
import { pause } from '../pause.ts';
import { isErrno, signalGroup } from '../process-group.ts';
import { serviceEnvironment } from '../service-environment.ts';
import type { Look, ProbeKind } from './kind.ts';
import type { Sight } from './sight.ts';

type CommandProbe = Probe<'command'>;

const LIMIT_MS = 10_000;
/** Characters of its last line that are kept. */
const LINE_LENGTH = 200;
/** Output of a dead process is in the pipe already; a descendant that has left its group may hold that open for ever. */
const DRAIN_MS = 250;

/** A program ends with exit code 0. It runs where the service runs, with its environment, in a group of its own. */
export const command: ProbeKind<CommandProbe> = {
  look: async (probe, look) => {
    look.signal.throwIfAborted();
    try {
      return await runOnce(probe, look);
    } catch (error) {
      look.signal.throwIfAborted();
      return notStarted(probe, error);
    }
  },
  subject: ({ command: words }) => `\`${words.map(quoted).join(' ')}\``,
  remedy: (_sight, { name }) =>
    `run it by hand from the folder of ${name}; it has to end with exit code 0 once ${name} is ready`,
  usualLimitMs: LIMIT_MS,
  knocks: false,
};

async function runOnce(probe: CommandProbe, { spec, run, timeoutMs, signal }: Look): Promise<Sight> {
  const [program, ...args] = probe.command;
  const child = spawn(program, args, {
    cwd: probe.cwd,
    env: serviceEnvironment(spec, run),
    // A group of its own: whatever it starts ends with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  // `once` rejects with the error of a program that cannot be started.
  if (pid === undefined) await once(child, 'spawn');
  if (pid === undefined) throw new Error('it has no pid');
  child.on('error', () => undefined);
  const lastLine = lastLineOf([child.stdout, child.stderr]);
  const limit = AbortSignal.timeout(timeoutMs);
  const ended = once(child, 'exit');
  const stop = AbortSignal.any([signal, limit]);
  const kill = () => signalGroup(pid, 'SIGKILL');
  stop.addEventListener('abort', kill);
  try {
    await ended;
  } finally {
    stop.removeEventListener('abort', kill);
    // What it has left behind in its group.
    kill();
    await closed(child);
  }
  signal.throwIfAborted();
  if (child.exitCode === 0) return { kind: 'answers' };
  const said = lastLine() === '' ? '' : `: ${lastLine()}`;
  if (limit.aborted)
    return { kind: 'unmet', words: `was still running after ${timeoutMs / 1_000} s and was killed${said}` };
  const exit = child.signalCode === null ? { code: child.exitCode ?? 0 } : { signal: child.signalCode };
  return { kind: 'unmet', words: `ended with ${describeExit(exit)}${said}` };
}

async function closed(child: ChildProcess): Promise<void> {
  const isOpen = [child.stdout, child.stderr].some((stream) => stream?.readableEnded === false);
  if (isOpen) await Promise.race([once(child, 'close'), pause(DRAIN_MS, undefined)]);
  child.stdout?.destroy();
  child.stderr?.destroy();
}

/** The last line with something in it, of either stream. */
function lastLineOf(streams: readonly Readable[]): () => string {
  let last = '';
  const splitters = streams.map((stream) => {
    const splitter = new LineSplitter(LINE_LENGTH);
    stream.on('data', (chunk: Buffer) => keep(splitter.push(chunk)));
    stream.on('end', () => keep(splitter.end()));
    stream.on('error', () => undefined);
    return splitter;
  });
  function keep(lines: readonly string[]): void {
    last = lines.findLast((line) => line.trim() !== '')?.trim() ?? last;
  }
  return () => (splitters.length === 0 ? '' : last);
}

function notStarted({ command: [program], cwd }: CommandProbe, error: unknown): Sight {
  const isMissing = isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR');
  const words = isMissing
    ? existsSync(cwd)
      ? `cannot be started: there is no program ${program}`
      : `cannot be started: its folder ${cwd} does not exist`
    : isErrno(error, 'EACCES')
      ? `cannot be started: ${program} may not be executed`
      : `cannot be started: ${messageOf(error)}`;
  return { kind: 'unmet', words, remedy: 'correct the command of the probe', isFinal: true };
}

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word));
