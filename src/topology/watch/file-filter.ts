import { basename, dirname, sep } from 'node:path';
import { globPattern, isPattern, patternBase } from '../../lib/glob-pattern.ts';

/** Left out below whatever is watched, unless it is named. */
const IGNORED_FOLDERS = ['node_modules', '.git', '.shopctl', 'dist'];
/** What editors put beside the file that is being written. */
const EDITOR_LEFTOVERS = /(?:~|\.sw[a-z]|^\.#.*|^4913|^___jb_.*)$/;

/** Which files are meant by the paths, patterns and exceptions of a service. Paths are absolute. */
export interface FileFilter {
  /** Folders and files below which (or at which) everything meant is. */
  readonly bases: readonly string[];
  /** Whether a change of this file counts. */
  isMeant(file: string): boolean;
  /** Whether there may be something meant below this folder. */
  isEntered(folder: string): boolean;
}

export function fileFilter(paths: readonly string[], ignore: readonly string[]): FileFilter {
  const named = new Set(paths.flatMap((path) => path.split(sep)));
  const ignoredNames = new Set([
    ...IGNORED_FOLDERS.filter((name) => !named.has(name)),
    ...ignore.filter((name) => !name.includes('/') && !isPattern(name)),
  ]);
  const ignoredPatterns = ignore
    .filter((name) => name.includes('/') || isPattern(name))
    .map((pattern) => globPattern(pattern.startsWith('/') ? pattern : `/**/${pattern.replace(/\/$/, '')}`));
  const meant = paths.map(areaOf);
  const isLeftOut = (path: string, base: string) => {
    // Only what lies below: the place of the project itself may be called anything.
    for (let at = path; at.length > base.length && at !== dirname(at); at = dirname(at)) {
      if (ignoredNames.has(basename(at))) return true;
      if (ignoredPatterns.some((pattern) => pattern.test(at))) return true;
    }
    return false;
  };
  return {
    bases: [...new Set(meant.map(({ base }) => base))],
    isMeant: (file) =>
      !EDITOR_LEFTOVERS.test(basename(file)) &&
      meant.some(({ base, fits }) => fits(file) && !isLeftOut(file, base)),
    isEntered: (folder) => meant.some(({ base }) => isWithin(folder, base) && !isLeftOut(folder, base)),
  };
}

interface Area {
  readonly base: string;
  readonly fits: (file: string) => boolean;
}

function areaOf(path: string): Area {
  const base = patternBase(path).replace(/(?<=.)\/$/, '');
  if (!isPattern(path)) return { base, fits: (file) => isWithin(file, base) };
  const pattern = globPattern(path);
  return { base, fits: (file) => pattern.test(file) };
}

const isWithin = (path: string, base: string) =>
  path === base || path.startsWith(base.endsWith('/') ? base : `${base}/`);
