import type { SuiteResult, SuiteRunResult, TestResult } from '../model/index.ts';
import { failureText } from './pretty/failure.ts';
import { plain } from './pretty/style.ts';
import type { Reporter } from './reporter.ts';
import { toXml, type XmlElement } from './xml.ts';

/** JUnit XML as CI servers read it: a `testsuite` for each suite, a `testcase` for each test and row of cases. */
export const junit: Reporter = {
  kind: 'junit',
  serialize: (result) => toXml(testsuites(result)),
};

function testsuites(result: SuiteRunResult): XmlElement {
  const { counts, suites, durationMs, seed } = result;
  return {
    name: 'testsuites',
    attributes: {
      name: 'shopctl',
      tests: counts.passed + counts.failed + counts.skipped,
      failures: counts.failed,
      errors: 0,
      skipped: counts.skipped,
      time: seconds(durationMs),
    },
    children: suites.map((suite) => testsuite(suite, seed)),
  };
}

function testsuite({ suite, file, tests }: SuiteResult, seed: number): XmlElement {
  const durationMs = tests.reduce((sum, test) => sum + test.durationMs, 0);
  const startedAtMs = Math.min(...tests.map((test) => test.startedAtMs));
  return {
    name: 'testsuite',
    attributes: {
      name: suite,
      tests: tests.length,
      failures: tests.filter(({ outcome }) => outcome === 'failed').length,
      errors: 0,
      skipped: tests.filter(({ outcome }) => outcome === 'skipped').length,
      time: seconds(durationMs),
      timestamp: new Date(startedAtMs).toISOString().replace(/\.\d+Z$/, ''),
      file,
    },
    children: [
      { name: 'properties', children: [{ name: 'property', attributes: { name: 'seed', value: seed } }] },
      ...tests.map(testcase),
    ],
  };
}

function testcase(test: TestResult): XmlElement {
  const skipped: XmlElement = { name: 'skipped', attributes: { message: test.skipped } };
  return {
    name: 'testcase',
    attributes: {
      name: test.case === undefined ? test.test : `${test.test} [${test.case}]`,
      classname: test.suite,
      time: seconds(test.durationMs),
      file: test.file,
      line: test.place.line,
    },
    children: [...(test.outcome === 'skipped' ? [skipped] : []), ...failureOf(test)],
  };
}

/** One element for a test, however much failed in it: readers count elements as failures. */
function failureOf({ failures }: TestResult): XmlElement[] {
  const [first] = failures;
  if (first === undefined) return [];
  const text = failures.map((failure) => failureText(failure, plain)).join('\n');
  return [{ name: 'failure', attributes: { message: first.message, type: first.phase }, text }];
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(3);
