import { isJson } from '../../http/index.ts';
import type { Answer } from '../answer.ts';
import { templateAt } from '../compile-context.ts';
import { type DiffMode, diff } from '../diff.ts';
import { ANSWER_SCOPE } from './answer-scope.ts';
import type { Assertion } from './assertion.ts';

/** `body: { status: created }`: written as the body looks; keys that are not named may be there. */
export const body: Assertion = bodyAssertion(
  'body',
  'partial',
  'the body, written as it looks: mappings may have further keys; lists match element by element, in length and order; values may be matchers such as ${is.uuid()}',
);

/** `exactly: { … }`: the whole body and nothing else. */
export const exactly: Assertion = bodyAssertion(
  'exactly',
  'exact',
  'the whole body: nothing may be missing and nothing else may be there',
);

function bodyAssertion(key: string, mode: DiffMode, description: string): Assertion {
  return {
    key,
    schema: { description },
    compile: (value, path, context) => {
      const place = context.document.placeOf(path, 'key');
      const expected = templateAt(context, path, value, ANSWER_SCOPE);
      return {
        about: 'each',
        check: (answer, run) => {
          if (isUnreadJson(answer)) {
            const message = `the body is announced as ${mediaType(answer.headers)}, but cannot be read as JSON`;
            return [{ subject: key, message, place }];
          }
          const differences = diff(expected(run, { ...answer }), answer.body, mode);
          if (differences.length === 0) return [];
          const note =
            typeof answer.body === 'string' ? ` (it is no JSON but ${mediaType(answer.headers)})` : '';
          return [{ subject: key, message: `the body differs${note}`, place, differences }];
        },
      };
    },
  };
}

/** Its text stands in for a body that is no JSON; a JSON text that is read has lost its quotes. */
const isUnreadJson = ({ headers, body: value, text }: Answer): boolean =>
  isJson(headers['content-type']) && value === text;

const mediaType = (headers: Readonly<Record<string, string>>): string =>
  headers['content-type'] ?? 'text without a media type';
