import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import type { Problem } from '../errors/index.ts';
import { commandWords } from '../lib/command-words.ts';
import { patternBase } from '../lib/glob-pattern.ts';
import { interpolate, type Lookup } from './interpolate.ts';
import type { Problems } from './problems.ts';
import type { WatchSpec } from './project.ts';
import type { RawWatch } from './raw.ts';
import { durationMs } from './supervision.ts';
import type { PlacedService } from './topology.ts';

const DEFAULT_DEBOUNCE_MS = 200;

interface Surroundings {
  readonly root: string;
  readonly lookup: Lookup;
  readonly problems: Problems;
}

/** What of a service's files is watched, and what happens when one changes. */
export function watchOf(service: PlacedService, surroundings: Surroundings): { watch?: WatchSpec } {
  const { raw, name, pathOf } = service;
  if (raw.watch === undefined) return {};
  const written = raw.watch;
  const long = longForm(written);
  const { root, problems } = surroundings;
  const text = (value: string, ...key: (string | number)[]) => {
    const result = interpolate(value, surroundings.lookup);
    if (!result.ok) problems.at(pathOf('watch', ...key), result.reason, result.hint);
    return result.ok ? result.text : value;
  };
  const missing: Problem[] = [];
  const paths = long.paths.map((path, index) => {
    const key = keyOf(written, index);
    const absolute = isAbsolute(path) ? text(path, ...key) : resolve(root, text(path, ...key));
    const base = patternBase(absolute);
    if (!existsSync(base))
      missing.push(
        problems.about(
          pathOf('watch', ...key),
          `\`${name}\` watches ${path}, but there is no ${base}`,
          'correct the path, or start with --no-watch',
        ),
      );
    return absolute;
  });
  const build = buildOf(long, service, { text, problems });
  return {
    watch: {
      paths,
      ignore: (long.ignore ?? []).map((path, index) => text(path, 'ignore', index)),
      debounceMs: durationMs(long.debounce, DEFAULT_DEBOUNCE_MS),
      missing,
      ...(build === undefined ? {} : { build }),
    },
  };
}

interface LongForm {
  readonly paths: readonly string[];
  readonly ignore?: readonly string[];
  readonly build?: string | readonly string[];
  readonly debounce?: string;
}

function longForm(watch: RawWatch): LongForm {
  if (typeof watch === 'string') return { paths: [watch] };
  if (!('paths' in watch)) return { paths: watch };
  return { ...watch, paths: typeof watch.paths === 'string' ? [watch.paths] : watch.paths };
}

/** Where the path with this index is written, below `watch`. */
function keyOf(watch: RawWatch, index: number): (string | number)[] {
  if (typeof watch === 'string') return [];
  if (!('paths' in watch)) return [index];
  return typeof watch.paths === 'string' ? ['paths'] : ['paths', index];
}

interface Reading {
  readonly text: (value: string, ...key: (string | number)[]) => string;
  readonly problems: Problems;
}

/** Split before variables are put in, so that a value with a space stays one argument. */
function buildOf(
  { build }: LongForm,
  { name, pathOf }: PlacedService,
  { text, problems }: Reading,
): WatchSpec['build'] {
  if (build === undefined) return undefined;
  const split = typeof build === 'string' ? commandWords(build) : { ok: true as const, words: build };
  if (!split.ok) {
    const hint = 'run a shell yourself: build: [sh, -c, "…"]';
    const message = `the build command of \`${name}\` cannot be split into words: ${split.reason}`;
    problems.at(pathOf('watch', 'build'), message, hint);
    return undefined;
  }
  const [program = '', ...args] = split.words.map((word) => text(word, 'build'));
  if (program === '')
    problems.at(
      pathOf('watch', 'build'),
      `the build command of \`${name}\` names no program`,
      'the first word is the program',
    );
  return [program, ...args];
}
