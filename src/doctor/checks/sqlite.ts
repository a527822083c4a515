import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Check, Diagnosis } from '../diagnosis.ts';
import { findProgram } from '../find-program.ts';

/** What its build needs, and by which programs that is known. */
const TOOLS = [
  ['a C++ compiler', ['c++', 'g++', 'clang++']],
  ['make', ['make', 'gmake']],
  ['Python', ['python3', 'python']],
] as const;

export interface SqliteFacts {
  /** Why it cannot be loaded; undefined: it can. */
  readonly failure: string | undefined;
  /** What of a build's needs is missing. */
  readonly missing: readonly string[];
  /** Where `npm` has to be run. */
  readonly folder: string;
  readonly platform: NodeJS.Platform;
  /** The configuration has an embedded broker, whose journal is kept in SQLite. */
  readonly isNeeded: boolean;
}

export const sqlite: Check = {
  name: 'sqlite3',
  look: async ({ env, project }, signal) => {
    const folder = packageFolder();
    const missing = TOOLS.flatMap(([what, names]) => (findProgram(names, env) === undefined ? [what] : []));
    const failure = await loadingFailure(folder, signal);
    const isNeeded = project?.broker?.credentials !== undefined;
    return [
      judgeSqlite({ failure, missing, folder: installFolder(folder), platform: process.platform, isNeeded }),
    ];
  },
};

export function judgeSqlite({ failure, missing, folder, platform, isNeeded }: SqliteFacts): Diagnosis {
  if (failure === undefined) return { level: 'ok', message: 'the package sqlite3 can be loaded' };
  const install = `(cd ${folder} && npm install sqlite3)`;
  const tools = platform === 'darwin' ? 'xcode-select --install' : 'sudo apt-get install -y g++ make python3';
  const lacking =
    missing.length === 0 ? '' : `; its build needs ${missing.join(', ')}, which this machine lacks`;
  return {
    level: isNeeded ? 'problem' : 'warning',
    message: `the package sqlite3, in which the embedded broker keeps its journal, cannot be loaded: ${failure}${lacking}`,
    remedy: missing.length === 0 ? install : `${tools} && ${install}`,
  };
}

/** In a process of its own: a native module that does not fit may end the one that loads it. */
function loadingFailure(cwd: string, signal: AbortSignal): Promise<string | undefined> {
  const args = ['--input-type=module', '-e', 'await import("sqlite3")'];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd, signal, env: {} }, (error, _stdout, stderr) => {
      if (error === null) resolve(undefined);
      else
        resolve(/^\w*Error.*$/m.exec(stderr)?.[0] ?? error.message.split('\n')[0] ?? 'no reason was given');
    });
  });
}

/** Where this package lies. */
function packageFolder(): string {
  let here = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(here, 'package.json')) && dirname(here) !== here) here = dirname(here);
  return here;
}

/** Where it was installed from: above the outermost `node_modules`. */
function installFolder(folder: string): string {
  const at = folder.indexOf('/node_modules/');
  return at === -1 ? folder : folder.slice(0, at);
}
