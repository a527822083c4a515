import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Probe } from '../../config/probe-spec.ts';
import { messageOf } from '../../errors/index.ts';
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
    const started = await start(probe, look);
    return 'kind' in started ? started : await judge(started, look);
  },
  subject: ({ command: words }) => `\`${words.map(quoted).join(' ')}\``,
  remedy: (_sight, { name }) =>
    `run it by hand from the folder of ${name}; it has to end with exit code 0 once ${name} is ready`,
  usualLimitMs: LIMIT_MS,
  knocks: () => false,
};

interface Started {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly pid: number;
}

/** Most failures arrive as an event, but for some (an argument with a null byte) `spawn` throws. */
async function start(probe: CommandProbe, { spec, run }: Look): Promise<Started | Sight> {
  const [program, ...args] = probe.command;
  try {
    const child = spawn(program, args, {
      cwd: probe.cwd,
      env: serviceEnvironment(spec, run),
      // A group of its own: whatever it starts ends with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { pid } = child;
    if (pid !== undefined) return { child, pid };
    const [error]: unknown[] = await once(child, 'error');
    return notStarted(probe, error);
  } catch (error) {
    return notStarted(probe, error);
  }
}

async function judge({ child, pid }: Started, { timeoutMs, signal }: Look): Promise<Sight> {
  // Only `kill` and `send` of this handle report here, and neither is used.
  child.on('error', () => undefined);
  const lastLine = lastLineOf([child.stdout, child.stderr]);
  let isLate = false;
  const kill = () => signalGroup(pid, 'SIGKILL');
  const timer = setTimeout(() => {
    isLate = true;
    kill();
  }, timeoutMs);
  signal.addEventListener('abort', kill);
  const [code, signalName]: unknown[] = await once(child, 'exit');
  clearTimeout(timer);
  signal.removeEventListener('abort', kill);
  // What it has left behind in its group.
  kill();
  await closed(child);
  signal.throwIfAborted();
  if (code === 0) return { kind: 'answers' };
  const said = lastLine() === '' ? '' : `: ${lastLine()}`;
  if (isLate)
    return { kind: 'unmet', words: `was still running after ${timeoutMs / 1_000} s and was killed${said}` };
  const end = typeof signalName === 'string' ? `signal ${signalName}` : `exit code ${code}`;
  return { kind: 'unmet', words: `ended with ${end}${said}` };
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
  const keep = (lines: readonly string[]) => {
    last = lines.findLast((line) => line.trim() !== '')?.trim() ?? last;
  };
  for (const stream of streams) {
    const splitter = new LineSplitter(LINE_LENGTH);
    stream.on('data', (chunk: Buffer) => keep(splitter.push(chunk)));
    stream.on('end', () => keep(splitter.end()));
    stream.on('error', () => undefined);
  }
  return () => last;
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
