import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { messageOf, type Problem, ShopctlError } from '../errors/index.ts';
import type { Evaluator } from '../expression/index.ts';
import { parseSource, problemAt, type SourceDocument, schemaProblems } from '../source/index.ts';
import { type CompileContext, declare, templateAt } from './compile-context.ts';
import { compileSteps } from './compile-steps.ts';
import type { RawShared } from './file.ts';
import { sharedCheck } from './schema.ts';
import type { SharedSteps } from './suite.ts';

/** Files may use files, so deep that nobody notices; circles are found before this is reached. */
const MAX_DEPTH = 10;

export interface Reading {
  readonly checker: Evaluator;
  readonly problems: Problem[];
  /** Names of services as expressions know them. */
  readonly serviceNames: readonly string[];
  /** Where the user stands; files are printed relative to it. */
  readonly cwd: string;
  /** Shared files already read, by absolute path; undefined for one that cannot be used. */
  readonly known: Map<string, SharedSteps | undefined>;
  readonly sharedTexts: string[];
}

/** How a file finds the files it uses: `chain` holds the absolute paths from the suite down to that file. */
export function fileUser(
  document: SourceDocument,
  chain: readonly string[],
  reading: Reading,
): CompileContext['useFile'] {
  const { problems, known, cwd } = reading;
  return (target, path) => {
    const file = resolve(dirname(chain.at(-1) ?? cwd), target);
    const say = (message: string, hint?: string) => {
      problems.push(problemAt(document, path, message, hint));
      return undefined;
    };
    if (chain.includes(file)) return say(circle([...chain, file], cwd));
    if (chain.length > MAX_DEPTH) return say(`files are used more than ${MAX_DEPTH} deep here`);
    if (known.has(file)) return known.get(file);
    const text = readText(file);
    if (!text.ok) return say(`${relative(cwd, file)} cannot be read: ${text.reason}`);
    reading.sharedTexts.push(text.text);
    const shared = readShared(text.text, [...chain, file], reading);
    known.set(file, shared);
    return shared;
  };
}

function circle(chain: readonly string[], cwd: string): string {
  return `the file uses itself: ${chain.map((file) => relative(cwd, file)).join(' → ')}`;
}

function readText(file: string): { ok: true; text: string } | { ok: false; reason: string } {
  try {
    return { ok: true, text: readFileSync(file, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return { ok: false, reason: code === 'ENOENT' ? 'there is no such file' : messageOf(error) };
  }
}

function readShared(text: string, chain: readonly string[], reading: Reading): SharedSteps | undefined {
  const { problems, cwd } = reading;
  const document = parseOrReport(relative(cwd, chain.at(-1) ?? ''), text, problems);
  if (document === undefined) return undefined;
  const { data } = document;
  if (!sharedCheck.fits(data)) {
    problems.push(...schemaProblems(document, sharedCheck.errors()));
    return undefined;
  }
  return compileShared(data, document, { reading, chain });
}

function compileShared(
  raw: RawShared,
  document: SourceDocument,
  { reading, chain }: { reading: Reading; chain: readonly string[] },
): SharedSteps {
  const { checker, problems, serviceNames } = reading;
  const context: CompileContext = {
    ...{ document, checker, problems },
    names: new Set(serviceNames),
    captures: new Set(),
    reads: new Set(),
    useFile: fileUser(document, chain, reading),
  };
  const defaults = templateAt(context, ['defaults'], raw.defaults ?? {});
  const params = raw.params ?? [];
  const defaultNames = Object.keys(raw.defaults ?? {});
  for (const [index, name] of params.entries()) declare(context, name, ['params', index]);
  for (const name of defaultNames) declare(context, name, ['defaults', name]);
  const steps = compileSteps(raw.steps, ['steps'], context);
  const returns = templateAt(context, ['returns'], raw.returns ?? {});
  return {
    ...{ params, defaultNames, steps, returns },
    hasReturns: raw.returns !== undefined,
    defaults: (run) => ({ ...Object(defaults(run)) }),
  };
}

/** Parses YAML; what is wrong with it joins the other problems instead of ending the search for them. */
export function parseOrReport(file: string, text: string, problems: Problem[]): SourceDocument | undefined {
  try {
    return parseSource(file, text);
  } catch (error) {
    if (!(error instanceof ShopctlError)) throw error;
    // Behind the first mistake of syntax, a parser mostly finds its own confusion.
    problems.push(...error.problems.slice(0, 1));
    return undefined;
  }
}
