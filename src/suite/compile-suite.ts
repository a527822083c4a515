import { mentionsFakeData } from '../expression/index.ts';
import { didYouMean, type Path, problemAt, type SourceDocument } from '../source/index.ts';
import { type CompileContext, templateAt } from './compile-context.ts';
import { compileSteps } from './compile-steps.ts';
import type { RawSuite, RawTest } from './file.ts';
import { variableName } from './service-scope.ts';
import { fileUser, type Reading } from './shared-file.ts';
import type { Suite, Test, TestRow } from './suite.ts';

interface SuiteSource {
  readonly document: SourceDocument;
  /** Absolute path. */
  readonly file: string;
  readonly reading: Reading;
  /** Every service of the configuration, whatever topology it is in. */
  readonly allServices: readonly string[];
  /** Services of this topology. */
  readonly services: readonly string[];
}

/** Understands a suite file that fits its schema; what is wrong goes to `reading.problems`. */
export function compileSuite(raw: RawSuite, source: SuiteSource): Suite {
  const { document, reading } = source;
  const missing = missingServices(raw, source);
  const skip = missing.length === 0 ? undefined : `needs ${missing.join(', ')}, not in this topology`;
  refuseDuplicates(raw, source);
  const tests = raw.tests.map((test, index) =>
    compileTest({ raw, test, path: ['tests', index], context: () => contextFor(source, missing) }),
  );
  return {
    name: raw.suite,
    file: document.file,
    tags: raw.tags ?? [],
    isParallel: raw.parallel ?? false,
    ...(skip === undefined ? {} : { skip }),
    mentionsFakeData: [document.text, ...reading.sharedTexts].some(mentionsFakeData),
    tests,
  };
}

/** Services that the suite needs and this topology lacks; one that exists nowhere is a mistake. */
function missingServices(raw: RawSuite, { document, reading, services, allServices }: SuiteSource): string[] {
  const needs = raw.needs ?? [];
  for (const [index, name] of needs.entries()) {
    if (allServices.includes(name)) continue;
    const near = didYouMean(name, allServices);
    const hint = near === undefined ? `services: ${allServices.join(', ')}` : `did you mean \`${near}\`?`;
    reading.problems.push(problemAt(document, ['needs', index], `there is no service \`${name}\``, hint));
  }
  return needs.filter((name) => allServices.includes(name) && !services.includes(name));
}

/** Two tests of one name could not be told apart in reports, and would share their seed. */
function refuseDuplicates(raw: RawSuite, { document, reading }: SuiteSource): void {
  for (const [index, { test }] of raw.tests.entries()) {
    if (raw.tests.findIndex((other) => other.test === test) === index) continue;
    const path = ['tests', index, 'test'];
    reading.problems.push(problemAt(document, path, `the suite already has a test named \`${test}\``));
  }
}

/** A suite that is skipped for want of a service is still read in full, as if the service were there. */
function contextFor({ document, file, reading }: SuiteSource, missing: readonly string[]): CompileContext {
  const { checker, problems, serviceNames } = reading;
  return {
    ...{ document, checker, problems },
    names: new Set([...serviceNames, ...missing.map(variableName)]),
    captures: new Set(),
    reads: new Set(),
    useFile: fileUser(document, [file], reading),
  };
}

interface TestSource {
  readonly raw: RawSuite;
  readonly test: RawTest;
  readonly path: Path;
  readonly context: () => CompileContext;
}

/** Steps of the suite come around those of the test: first `before`, last `always`. */
function compileTest({ raw, test, path, context: newContext }: TestSource): Test {
  const context = newContext();
  const { document } = context;
  const rows = compileRows(test, path, context);
  if (test.cases !== undefined) context.names.add('case');
  const steps = (list: 'before' | 'steps' | 'always') => compileSteps(test[list], [...path, list], context);
  const suiteBefore = compileSteps(raw.before, ['before'], context);
  // The suite's own last steps end every test, so they may only read what every test has.
  const forAll = { ...context, names: new Set(context.names), captures: new Set(context.captures) };
  const before = [...suiteBefore, ...steps('before')];
  const own = steps('steps');
  const always = [...steps('always'), ...compileSteps(raw.always, ['always'], forAll)];
  return {
    name: test.test,
    tags: [...new Set([...(raw.tags ?? []), ...(test.tags ?? [])])],
    place: document.placeOf([...path, 'test']),
    ...(test.skip === undefined ? {} : { skip: test.skip }),
    ...{ rows, before, steps: own, always },
  };
}

function compileRows(test: RawTest, path: Path, context: CompileContext): readonly TestRow[] {
  if (test.cases === undefined) return [{ index: 0, values: () => undefined }];
  return test.cases.map((row, index) => {
    const values = templateAt(context, [...path, 'cases', index], row);
    return { index, label: labelOf(row), values: (run) => ({ ...Object(values(run)) }) };
  });
}

function labelOf(row: Readonly<Record<string, unknown>>): string {
  if (typeof row['name'] === 'string') return row['name'];
  return Object.entries(row)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
