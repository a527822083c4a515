import { Matcher } from '../../expression/index.ts';
import { type Path, problemAt } from '../../source/index.ts';
import { type CompileContext, templateAt } from '../compile-context.ts';
import { diff } from '../diff.ts';
import { ANSWER_SCOPE } from './answer-scope.ts';
import type { Assertion } from './assertion.ts';

/** `headers: { content-type: "${matches('json')}" }`: those named must be there with that value. */
export const headers: Assertion = {
  key: 'headers',
  schema: {
    type: 'object',
    description: 'a mapping of headers that must be there to their values or matchers; names in any case',
    minProperties: 1,
    additionalProperties: { type: ['string', 'number', 'boolean'], description: 'a text or a matcher' },
  },
  compile: (value, path, context) => {
    const place = context.document.placeOf(path);
    refuseTwice(Object.keys(value ?? {}), path, context);
    const expected = templateAt(context, path, value, ANSWER_SCOPE);
    return {
      about: 'each',
      check: (answer, run) => {
        const wanted = Object.entries(expected(run, { ...answer }) ?? {}).map(([name, header]) => [
          name.toLowerCase(),
          header instanceof Matcher ? header : String(header),
        ]);
        const differences = diff(Object.fromEntries(wanted), answer.headers, 'partial', 'headers');
        return differences.length === 0
          ? []
          : [{ subject: 'headers', message: 'the headers differ', place, differences }];
      },
    };
  },
};

/** Names differ by more than case (RFC 9110, 5.1), so of two spellings only one would be compared. */
function refuseTwice(names: readonly string[], path: Path, { document, problems }: CompileContext): void {
  const lowerCased = names.map((name) => name.toLowerCase());
  for (const [index, name] of names.entries()) {
    if (lowerCased.indexOf(name.toLowerCase()) === index) continue;
    problems.push(problemAt(document, [...path, name], `the header \`${name}\` is already expected above`));
  }
}
