import { messageOf, ShopctlError } from '../errors/index.ts';
import type { Suite, Test } from './suite.ts';

export interface Selection {
  /** A test is chosen when it has one of them; empty chooses all. */
  readonly tags?: readonly string[];
  /** A regular expression, in any case, searched in `suite › test`. */
  readonly grep?: string | undefined;
}

/**
 * The suites with the tests that were asked for.
 *
 * @throws ShopctlError `nothing-to-test` when that leaves none, `usage` for a pattern that is no regular expression
 */
export function selectTests(suites: readonly Suite[], selection: Selection): readonly Suite[] {
  const { tags = [], grep } = selection;
  const pattern = grep === undefined ? undefined : patternOf(grep);
  const isChosen = (suite: Suite, test: Test) =>
    (tags.length === 0 || tags.some((tag) => test.tags.includes(tag))) &&
    (pattern === undefined || pattern.test(`${suite.name} › ${test.name}`));
  const chosen = suites
    .map((suite) => ({ ...suite, tests: suite.tests.filter((test) => isChosen(suite, test)) }))
    .filter(({ tests }) => tests.length > 0);
  if (chosen.length === 0) throw nothingLeft(suites, { tags, grep });
  refuseOnlySkipped(chosen);
  return chosen;
}

function refuseOnlySkipped(chosen: readonly Suite[]): void {
  const isSkipped = ({ skip, tests }: Suite) =>
    skip !== undefined || tests.every((test) => test.skip !== undefined);
  if (!chosen.every(isSkipped)) return;
  const reasons = chosen.flatMap(({ file, skip, tests }) =>
    skip === undefined ? tests.map((test) => `${file}: ${test.name}: ${test.skip}`) : [`${file}: ${skip}`],
  );
  throw new ShopctlError('nothing-to-test', {
    message: 'every test that was chosen is skipped, so nothing would be proven',
    detail: reasons.join('\n'),
  });
}

function patternOf(grep: string): RegExp {
  try {
    return new RegExp(grep, 'iu');
  } catch (error) {
    throw new ShopctlError('usage', {
      message: `\`--grep ${grep}\` is no regular expression: ${messageOf(error)}`,
      hint: 'put a `\\` before characters such as ( or [ that are meant as they are',
      cause: error,
    });
  }
}

function nothingLeft(
  suites: readonly Suite[],
  { tags, grep }: { tags: readonly string[]; grep: string | undefined },
): ShopctlError {
  const tests = suites.flatMap((suite) => suite.tests);
  const known = [...new Set(tests.flatMap((test) => test.tags))].sort();
  const asked = [...tags.map((tag) => `--tag ${tag}`), ...(grep === undefined ? [] : [`--grep ${grep}`])];
  return new ShopctlError('nothing-to-test', {
    message:
      asked.length === 0
        ? 'there is no suite to run'
        : `none of the ${tests.length} tests fits \`${asked.join(' ')}\``,
    ...(tags.length > 0 && { hint: known.length === 0 ? 'no test has tags' : `tags: ${known.join(', ')}` }),
  });
}
