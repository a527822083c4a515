import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { messageOf, type Problem, ShopctlError } from '../errors/index.ts';
import { createEvaluator } from '../expression/index.ts';
import { schemaProblems } from '../source/index.ts';
import { compileSuite } from './compile-suite.ts';
import { suiteCheck } from './schema.ts';
import { serviceNames } from './service-scope.ts';
import { parseOrReport, type Reading } from './shared-file.ts';
import type { Suite } from './suite.ts';

export interface LoadSuitesOptions {
  /** Absolute paths of files that must be suites. */
  readonly files: readonly string[];
  /** Absolute paths of files that were found by pattern: those among them that hold steps for `use` are left out. */
  readonly found?: readonly string[];
  /** Where the user stands; files are printed relative to it. */
  readonly cwd: string;
  /** Services of the topology that have a base URL. */
  readonly services: readonly string[];
  /** Every service of the configuration: a suite that needs one of these only is skipped, not wrong. */
  readonly allServices?: readonly string[];
}

/**
 * Reads and understands suite files, the files they use included, before anything is sent.
 *
 * @throws ShopctlError `suite-invalid` with everything that is wrong in all of them, each with place and code frame
 */
export async function loadSuites(options: LoadSuitesOptions): Promise<readonly Suite[]> {
  const { files, found = [], cwd, services, allServices = services } = options;
  const reading = newReading(cwd, services);
  const suites: Suite[] = [];
  for (const file of new Set([...files, ...found])) {
    const name = relative(cwd, file) || file;
    const document = parseOrReport(name, await readSuite(file, name), reading.problems);
    if (document === undefined) continue;
    const { data } = document;
    if (!files.includes(file) && holdsSharedSteps(data)) continue;
    if (suiteCheck.fits(data)) {
      suites.push(compileSuite(data, { document, file, reading, services, allServices }));
    } else {
      reading.problems.push(...schemaProblems(document, suiteCheck.errors()));
    }
  }
  refuseProblems(distinct(reading.problems));
  return suites;
}

/** Files for `use` lie beside suites; what tells them apart is that they are nothing but steps. */
function holdsSharedSteps(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false;
  return 'steps' in data && !('suite' in data) && !('tests' in data);
}

export function newReading(cwd: string, services: readonly string[]): Reading {
  const checker = createEvaluator({ random: () => 0, now: () => 0, env: {} });
  // A service named like a word of the language is still reached through `services`.
  const names = serviceNames(services).filter((name) => checker.canName(name));
  return { checker, problems: [], serviceNames: names, cwd, known: new Map(), sharedTexts: [] };
}

async function readSuite(file: string, name: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ShopctlError('file-unreadable', {
      message: `the suite ${name} cannot be read: ${messageOf(error)}`,
      cause: error,
    });
  }
}

/** Steps of a suite are read once for each of its tests, and would repeat what is wrong with them. */
export function distinct(problems: readonly Problem[]): Problem[] {
  const key = ({ message, place }: Problem) => JSON.stringify([place, message]);
  return [...new Map(problems.map((problem) => [key(problem), problem])).values()];
}

function refuseProblems(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const files = new Set(problems.map(({ place }) => place?.file)).size;
  const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`;
  throw new ShopctlError('suite-invalid', {
    message: `${count} in ${files === 1 ? 'a suite file' : `${files} suite files`}; nothing was sent`,
    problems,
  });
}
