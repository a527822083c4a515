import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { glob } from 'tinyglobby';
import { ShopctlError } from '../errors/index.ts';

export interface WhereSuitesAre {
  /** Files and folders that the user named; empty: the patterns decide. */
  readonly paths: readonly string[];
  /** Where the user stands, and `paths` start. */
  readonly cwd: string;
  /** Glob patterns of the project, relative to `root`. */
  readonly patterns: readonly string[];
  readonly root: string;
}

export interface FoundSuites {
  /** Named by the user. */
  readonly files: readonly string[];
  /** Found by pattern, or below a folder that the user named. */
  readonly found: readonly string[];
}

/**
 * The files to read, absolute and in an order that does not depend on the file system.
 *
 * @throws ShopctlError `file-unreadable` for a path that is not there, `nothing-to-test` when nothing is found
 */
export async function findSuites({ paths, cwd, patterns, root }: WhereSuitesAre): Promise<FoundSuites> {
  if (paths.length === 0) {
    const found = await filesFor(patterns, root);
    if (found.length > 0) return { files: [], found };
    throw new ShopctlError('nothing-to-test', {
      message: `no file fits ${patterns.map((pattern) => `\`${pattern}\``).join(' or ')}`,
      hint: 'write a suite there, or name other places in `suites: { e2e: … }`',
    });
  }
  const files: string[] = [];
  const found: string[] = [];
  for (const path of paths) {
    const absolute = resolve(cwd, path);
    if (await isFolder(absolute, path)) found.push(...(await filesFor(['**/*.{yaml,yml}'], absolute)));
    else files.push(absolute);
  }
  if (files.length + found.length > 0) return { files, found };
  throw new ShopctlError('nothing-to-test', { message: `there is no YAML file in ${paths.join(' or ')}` });
}

async function filesFor(patterns: readonly string[], cwd: string): Promise<string[]> {
  const files = await glob([...patterns], { cwd, absolute: true, ignore: ['**/node_modules/**'] });
  return files.sort();
}

async function isFolder(absolute: string, path: string): Promise<boolean> {
  try {
    return (await stat(absolute)).isDirectory();
  } catch (error) {
    throw new ShopctlError('file-unreadable', {
      message: `there is no file or folder ${path}`,
      cause: error,
    });
  }
}
