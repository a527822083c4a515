import { execFile } from 'node:child_process';
import {
  COMMAND_COLUMNS,
  FOLDER_FIELDS,
  LISTENER_FIELDS,
  PROCESS_COLUMNS,
  parseFolderAndExecutable,
  parseListeners,
  parseOwnerAndWords,
  parsePorts,
  parseProcesses,
} from './macos-output.ts';
import type { ProcessTable } from './process-table.ts';

/** The process table out of `ps` and `lsof`, where there is no /proc. */
export const macosProcessTable: ProcessTable = {
  find: async (pid) => parseProcesses(await output('ps', ['-p', String(pid), '-o', PROCESS_COLUMNS]))[0],
  list: async () => parseProcesses(await output('ps', ['-ax', '-o', PROCESS_COLUMNS])),
  // `lsof` takes longer than a connection that is refused.
  mayListen: async () => true,
  heard: async () => undefined,
  listeners: async (port, among) => {
    const args = ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', LISTENER_FIELDS];
    const listeners = parseListeners(await output('lsof', args));
    if (among === undefined) return listeners;
    return listeners.map((one) => ({ ...one, pids: one.pids.filter((pid) => among.includes(pid)) }));
  },
  // One `lsof` tells it, for the process itself and for its family.
  answersOn: async () => false,
  portsOf: async (pids) => {
    // `-a`: of these processes, and listening; otherwise either would do.
    const args = ['-nP', '-a', '-p', pids.join(','), '-iTCP', '-sTCP:LISTEN', LISTENER_FIELDS];
    return pids.length === 0 ? [] : parsePorts(await output('lsof', args));
  },
  program: async (pid) => {
    const command = ['-ww', '-p', String(pid), '-o', COMMAND_COLUMNS];
    const files = ['-a', '-p', String(pid), '-d', 'cwd,txt', FOLDER_FIELDS];
    const [owner, folder] = await Promise.all([output('ps', command), output('lsof', files)]);
    const known = parseOwnerAndWords(owner);
    return known && { ...known, ...parseFolderAndExecutable(folder), areWordsCut: true };
  },
  commandLine: async (pid) => {
    const words = (await output('ps', ['-p', String(pid), '-o', 'command='])).trim();
    return words === '' ? undefined : words;
  },
  // `ps -E` shows an environment only where system integrity protection lets it, and never apart from the arguments.
  bearers: async () => [],
};

/** What a program prints; nothing when it fails, as `ps` and `lsof` do when they find nothing. */
function output(program: string, args: readonly string[]): Promise<string> {
  // Whoever asks, and when: a start time must read the same, or one process would be taken for another.
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  return new Promise((resolve) => {
    execFile(program, args, { encoding: 'utf8', timeout: 5_000, env }, (_error, text) => resolve(text));
  });
}
