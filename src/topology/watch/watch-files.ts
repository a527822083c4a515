import { existsSync, type FSWatcher, lstatSync, readdirSync, statSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf } from '../../errors/index.ts';
import type { FileFilter } from './file-filter.ts';

interface FileWatchOptions {
  readonly filter: FileFilter;
  readonly onChange: (file: string) => void;
  /** Something cannot be watched, and why; each reason once. */
  readonly onTrouble: (message: string) => void;
}

export interface FileWatch {
  close(): void;
}

/**
 * Tells of every file that is written, made, renamed or removed. Watches folders, each by itself: a file that an editor
 * replaces is another file, but its folder stays; and folders that are ignored cost nothing.
 */
export function watchFiles(options: FileWatchOptions): FileWatch {
  const tree = new FolderTree(options);
  for (const base of options.filter.bases) tree.addBase(base);
  return tree;
}

interface WatchedFolder {
  readonly watcher: FSWatcher;
  /** A folder that was removed and made again has the same path. */
  readonly identity: string;
}

class FolderTree implements FileWatch {
  readonly #options: FileWatchOptions;
  readonly #watchers = new Map<string, WatchedFolder>();
  /** Of the folders that hold the bases: they show when a base is removed and made again, or is a file. */
  readonly #holders: FSWatcher[] = [];
  readonly #told = new Set<string>();

  constructor(options: FileWatchOptions) {
    this.#options = options;
  }

  addBase(base: string): void {
    if (statSync(base, { throwIfNoEntry: false })?.isDirectory() === true) this.#enter(base, 'known');
    const holder = dirname(base);
    try {
      this.#holders.push(this.#observe(holder, (path) => path === base));
    } catch (error) {
      this.#complain(error);
    }
  }

  close(): void {
    for (const watcher of this.#holders) watcher.close();
    for (const { watcher } of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #observe(folder: string, isOfInterest: (path: string) => boolean): FSWatcher {
    const watcher = watch(folder, { persistent: false }, (_type, name) => {
      const path = name === null ? folder : join(folder, name);
      if (isOfInterest(path)) this.#onEvent(path);
    });
    watcher.on('error', (error) => {
      watcher.close();
      if (this.#watchers.get(folder)?.watcher === watcher) this.#watchers.delete(folder);
      if (existsSync(folder)) this.#complain(error);
    });
    return watcher;
  }

  #onEvent(path: string): void {
    const { filter, onChange } = this.#options;
    const kind = kindOf(path);
    if (kind === 'folder') {
      if (filter.isEntered(path)) this.#enter(path, 'new');
      return;
    }
    if (kind === 'nothing') this.#leave(path);
    if (filter.isMeant(path)) onChange(path);
  }

  /** What is in a new folder has changed as well: it may have been filled before it was watched. */
  #enter(folder: string, age: 'known' | 'new'): void {
    const { filter, onChange } = this.#options;
    try {
      const identity = identityOf(folder);
      if (this.#watchers.get(folder)?.identity === identity) return;
      this.#leave(folder);
      // Read after it is watched: what is made between the two is seen by one of them.
      this.#watchers.set(folder, { watcher: this.#observe(folder, () => true), identity });
      for (const name of readdirSync(folder)) {
        const path = join(folder, name);
        const isFolder = kindOf(path) === 'folder';
        if (isFolder && filter.isEntered(path)) this.#enter(path, age);
        if (!isFolder && age === 'new' && filter.isMeant(path)) onChange(path);
      }
    } catch (error) {
      // It may be gone again: then there is nothing to watch.
      if (existsSync(folder)) this.#complain(error);
    }
  }

  #leave(folder: string): void {
    for (const [path, { watcher }] of this.#watchers) {
      if (path !== folder && !path.startsWith(`${folder}/`)) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
  }

  #complain(error: unknown): void {
    const message = messageOf(error);
    if (this.#told.has(message)) return;
    this.#told.add(message);
    this.#options.onTrouble(message);
  }
}

function identityOf(folder: string): string {
  const { ino, birthtimeMs } = statSync(folder);
  return `${ino} ${birthtimeMs}`;
}

/** A link to a folder counts as a file: where it leads, others may be at work, and it may lead in a circle. */
function kindOf(path: string): 'file' | 'folder' | 'nothing' {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 'nothing';
  return stats.isDirectory() ? 'folder' : 'file';
}
