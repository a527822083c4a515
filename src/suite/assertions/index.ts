/**
 * What a step may expect of an answer, as a table; a new assertion is one file here and one line below.
 * Knows nothing of how answers are got.
 */
import type { JsonSchema } from '../../lib/json-schema.ts';
import type { Path } from '../../source/index.ts';
import type { Assertion, AssertionContext, Check } from './assertion.ts';
import { body, exactly } from './body.ts';
import { headers } from './headers.ts';
import { status } from './status.ts';
import { statuses } from './statuses.ts';
import { that } from './that.ts';
import { time } from './time.ts';

export { ANSWER_SCOPE } from './answer-scope.ts';
export type { Check } from './assertion.ts';

/** In the order in which mismatches are reported. */
const assertions: readonly Assertion[] = [status, statuses, headers, body, exactly, time, that];

export const expectSchema: JsonSchema = {
  type: 'object',
  description: 'a mapping of what the answer must be; checked once, after polling has ended',
  minProperties: 1,
  additionalProperties: false,
  properties: Object.fromEntries(assertions.map(({ key, schema }) => [key, schema])),
};

/** Reads `expect`. What says nothing of the status still expects 2xx: a 500 never passes silently. */
export function compileExpect(
  expected: Readonly<Record<string, unknown>>,
  path: Path,
  context: AssertionContext,
): readonly Check[] {
  const checks = assertions
    .filter(({ key }) => Object.hasOwn(expected, key))
    .map((assertion) => assertion.compile(expected[assertion.key], [...path, assertion.key], context));
  const saysStatus = Object.hasOwn(expected, 'status') || Object.hasOwn(expected, 'statuses');
  return saysStatus ? checks : [status.compile('2xx', path, context), ...checks];
}
