import { readFile, realpath } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { messageOf, type Problem } from '../../errors/index.ts';
import { type Path, parseSource, problemAt, type SourceDocument } from '../../source/index.ts';
import { isObject } from './json.ts';

interface Reference {
  readonly to: string;
  readonly at: Path;
}

export interface ReferenceCheck {
  readonly problems: readonly Problem[];
  /** True when some part of the document lies in another file. */
  readonly isSplit: boolean;
}

const REMOTE = /^[a-z][a-z0-9+.-]+:|^\/\//i;

/**
 * Looks at every `$ref` of a document and of the files it names. Nothing is fetched: a reference over the network is a
 * problem, and so is one that leaves the document's folder (symbolic links count) or names no readable file.
 */
export async function checkReferences(path: string, source: SourceDocument): Promise<ReferenceCheck> {
  const folder = await realpath(dirname(path));
  const seen = new Set([path]);
  const problems: Problem[] = [];
  const queue: { readonly path: string; readonly source: SourceDocument }[] = [{ path, source }];
  for (const document of queue) {
    for (const { to, at } of referencesOf(document.source.data, [])) {
      if (to.startsWith('#')) continue;
      const target = await openTarget(folder, dirname(document.path), to);
      if (typeof target === 'string') problems.push(problemAt(document.source, at, target));
      else if (!seen.has(target.path)) {
        seen.add(target.path);
        queue.push({ path: target.path, source: parseSource(to, target.text) });
      }
    }
  }
  return { problems, isSplit: queue.length > 1 };
}

async function openTarget(
  folder: string,
  from: string,
  reference: string,
): Promise<string | { readonly path: string; readonly text: string }> {
  if (REMOTE.test(reference))
    return `the reference ${reference} leads over the network, which is never followed`;
  try {
    const file = decodeURIComponent(reference.split('#', 1)[0] ?? '');
    const path = await realpath(resolve(from, file));
    if (!path.startsWith(folder + sep)) {
      return `the reference ${reference} leaves the folder of the document`;
    }
    return { path, text: await readFile(path, 'utf8') };
  } catch (error) {
    return `the reference ${reference} cannot be followed: ${messageOf(error)}`;
  }
}

function referencesOf(value: unknown, at: Path): Reference[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => referencesOf(item, [...at, index]));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    key === '$ref' && typeof child === 'string'
      ? [{ to: child, at: [...at, key] }]
      : referencesOf(child, [...at, key]),
  );
}
