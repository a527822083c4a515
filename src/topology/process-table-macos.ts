import { execFile } from 'node:child_process';
import type { Listener, ProcessEntry, ProcessTable } from './process-table.ts';

/** The process table out of `ps` and `lsof`, where there is no /proc. */
export const macosProcessTable: ProcessTable = {
  find: async (pid) => parseProcesses(await output('ps', ['-p', String(pid), '-o', COLUMNS]))[0],
  list: async () => parseProcesses(await output('ps', ['-ax', '-o', COLUMNS])),
  // `lsof` takes longer than a connection that is refused.
  mayListen: async () => true,
  heard: async () => undefined,
  listeners: async (port, among) => {
    const args = ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpun'];
    const listeners = parseListeners(await output('lsof', args));
    if (among === undefined) return listeners;
    return listeners.map((one) => ({ ...one, pids: one.pids.filter((pid) => among.includes(pid)) }));
  },
  commandLine: async (pid) => {
    const words = (await output('ps', ['-p', String(pid), '-o', 'command='])).trim();
    return words === '' ? undefined : words;
  },
  // `ps -E` shows an environment only where system integrity protection lets it, and never apart from the arguments.
  bearers: async () => [],
};

const COLUMNS = 'pid=,ppid=,pgid=,stat=,lstart=';

/** Lines of `ps -o pid=,ppid=,pgid=,stat=,lstart=`. */
export function parseProcesses(text: string): ProcessEntry[] {
  return text.split('\n').flatMap((line) => {
    const [pid, parentPid, pgid, state, ...started] = line.trim().split(/\s+/);
    if (state === undefined || started.length === 0) return [];
    return [
      {
        pid: Number(pid),
        parentPid: Number(parentPid),
        pgid: Number(pgid),
        zombie: state.startsWith('Z'),
        startTime: `${Date.parse(started.join(' ')) / 1_000}.macos`,
      },
    ];
  });
}

/** Records of `lsof -Fpun`: a line per process (`p`), its user (`u`), and a line per socket name (`n`). */
export function parseListeners(text: string): Listener[] {
  const found = new Map<string, Listener>();
  let pid = 0;
  let uid = 0;
  for (const line of text.split('\n')) {
    const value = line.slice(1);
    if (line.startsWith('p')) pid = Number(value);
    if (line.startsWith('u')) uid = Number(value);
    if (!line.startsWith('n')) continue;
    const host = value.slice(0, value.lastIndexOf(':')).replace(/^\[|\]$/g, '');
    const address = host === '*' ? '::' : host;
    const pids = [...new Set([...(found.get(address)?.pids ?? []), pid])];
    found.set(address, { address, uid, pids });
  }
  return [...found.values()];
}

/** What a program prints; nothing when it fails, as `ps` and `lsof` do when they find nothing. */
function output(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      { encoding: 'utf8', timeout: 5_000, env: { ...process.env, LC_ALL: 'C' } },
      (_error, text) => resolve(text),
    );
  });
}
