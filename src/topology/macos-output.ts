import type { Listener, ProcessEntry } from './process-table.ts';

/**
 * What `ps` and `lsof` print, read as facts: pure functions over text, so that they can be proven on any system
 * (man 1 ps; man 8 lsof, "OUTPUT FOR OTHER PROGRAMS").
 */

/** Columns of `ps -o` for `parseProcesses`; run with TZ=UTC and LC_ALL=C. */
export const PROCESS_COLUMNS = 'pid=,ppid=,pgid=,stat=,lstart=';

/** One process a line; lines that are none are passed over. */
export function parseProcesses(text: string): ProcessEntry[] {
  return text.split('\n').flatMap((line) => {
    const [pid, parentPid, pgid, state, ...started] = line.trim().split(/\s+/);
    const startMs = Date.parse(`${started.join(' ')} UTC`);
    if (state === undefined || Number.isNaN(startMs)) return [];
    return [
      {
        pid: Number(pid),
        parentPid: Number(parentPid),
        pgid: Number(pgid),
        zombie: state.startsWith('Z'),
        startTime: `${startMs / 1_000}.macos`,
      },
    ];
  });
}

/** Columns of `ps -o` for `parseOwnerAndWords`. */
export const COMMAND_COLUMNS = 'uid=,command=';

/** User and command line of one process; undefined when there is none. */
export function parseOwnerAndWords(text: string): { uid: number; words: string[] } | undefined {
  const [, uid, command] = /^\s*(\d+)\s+(.*\S)\s*$/.exec(text) ?? [];
  return command === undefined ? undefined : { uid: Number(uid), words: command.split(/\s+/) };
}

/** Fields of `lsof -F` for listening sockets. */
export const LISTENER_FIELDS = '-Fpuftdn';

interface Socket {
  readonly pid: number;
  readonly uid: number;
  readonly address: string;
  readonly port: number;
  /** What tells one socket from another on the same address and port. */
  readonly device: string;
}

/** One listener for each socket, with all who hold it open. */
export function parseListeners(text: string): Listener[] {
  const found = new Map<string, Listener & { pids: number[] }>();
  for (const { pid, uid, address, device } of socketsIn(text)) {
    const key = `${address} ${device}`;
    const known = found.get(key) ?? { address, uid, pids: [] };
    if (!known.pids.includes(pid)) known.pids.push(pid);
    found.set(key, known);
  }
  return [...found.values()];
}

/** The ports of all sockets, ascending. */
export function parsePorts(text: string): number[] {
  const ports = socketsIn(text).map(({ port }) => port);
  return [...new Set(ports)].sort((one, other) => one - other);
}

/** A line per process (`p`) and its user (`u`), then for each socket its lines `f` (which begins it), `t`, `d` and `n`. */
function socketsIn(text: string): Socket[] {
  const fields = new Map<string, string>();
  return text.split('\n').flatMap((line) => {
    const letter = line.slice(0, 1);
    if (letter === 'f') for (const earlier of ['t', 'd', 'n']) fields.delete(earlier);
    fields.set(letter, line.slice(1));
    return letter === 'n' ? socketOf(fields) : [];
  });
}

function socketOf(fields: ReadonlyMap<string, string>): Socket[] {
  const field = (letter: string) => fields.get(letter) ?? '';
  const [, host, port] = /^(.*):(\d+)$/.exec(field('n')) ?? [];
  if (host === undefined) return [];
  const address = addressOf(host, field('t'));
  return [
    { pid: Number(field('p')), uid: Number(field('u')), address, port: Number(port), device: field('d') },
  ];
}

function addressOf(host: string, type: string): string {
  if (host === '*') return type === 'IPv4' ? '0.0.0.0' : '::';
  return host.replace(/^\[|\]$/g, '');
}

/** Fields of `lsof -F` for `parseFolderAndExecutable`, of the files `cwd` and `txt`. */
export const FOLDER_FIELDS = '-Ffn';

/** Working folder and program of one process; of several mapped files (`txt`) the program is the first. */
export function parseFolderAndExecutable(text: string): {
  readonly cwd: string | undefined;
  readonly executable: string | undefined;
} {
  const firsts = new Map<string, string>();
  let file = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('f')) file = line.slice(1);
    if (line.startsWith('n') && !firsts.has(file)) firsts.set(file, line.slice(1));
  }
  return { cwd: firsts.get('cwd'), executable: firsts.get('txt') };
}
