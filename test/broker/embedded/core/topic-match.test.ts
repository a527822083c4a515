import fc from 'fast-check';
import { expect, it } from 'vitest';
import { topicMatcher } from '../../../../src/broker/embedded/core/topic-match.ts';

const word = fc.constantFrom('a', 'b', 'c');

/** The definition, word by word. */
function matches(pattern: readonly string[], key: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return key.length === 0;
  if (first === '#') return matches(rest, key) || (key.length > 0 && matches(pattern, key.slice(1)));
  const [word0, ...others] = key;
  return word0 !== undefined && (first === '*' || first === word0) && matches(rest, others);
}

it('matches what the definition of topics matches', () => {
  const pattern = fc.array(fc.oneof(word, fc.constantFrom('*', '#')), { minLength: 1, maxLength: 6 });
  const key = fc.array(word, { minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(pattern, key, (patternWords, keyWords) => {
      const found = topicMatcher(patternWords.join('.'))(keyWords.join('.'));
      expect(found).toBe(matches(patternWords, keyWords));
    }),
    { numRuns: 2_000 },
  );
});

it('takes no longer for a pattern that is made to take long', () => {
  const pattern = `${'#.a.'.repeat(30)}#`;
  // By trying every way this would take longer than anybody waits.
  expect(topicMatcher(pattern)(`${'a.'.repeat(60)}b`)).toBe(true);
  expect(topicMatcher(`${pattern}.c`)(`${'a.'.repeat(60)}b`)).toBe(false);
});
