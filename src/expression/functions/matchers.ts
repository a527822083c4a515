import { isDeepStrictEqual } from 'node:util';
import type { Environment } from '@marcbachmann/cel-js';
import { boundedPattern } from '../bounded-pattern.ts';
import { ExpressionError } from '../expression-error.ts';
import { Matcher } from '../matcher.ts';
import { fromCel } from '../values.ts';

/** The type behind `is` in expressions. */
class MatcherReceiver {}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const EMAIL = /^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+$/;
/** ISO 8601 in the profile of RFC 3339: date, time and offset. */
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
const MONEY = /^-?\d+\.\d{2}$/;

const isText = (value: unknown): value is string => typeof value === 'string';

/** Date.parse takes 31 February for 3 March, so the day is looked for in the date that came out. */
function isDateTime(value: unknown): boolean {
  if (!isText(value) || !DATE_TIME.test(value) || Number.isNaN(Date.parse(value))) return false;
  const day = value.slice(0, 10);
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}

const tests: readonly (readonly [name: string, accepts: (value: unknown) => boolean, description: string])[] =
  [
    ['string', isText, 'any string'],
    ['number', (value) => typeof value === 'number', 'any number'],
    ['int', Number.isInteger, 'a number without fraction'],
    ['bool', (value) => typeof value === 'boolean', 'true or false'],
    ['list', Array.isArray, 'any list'],
    ['uuid', (value) => isText(value) && UUID.test(value), 'a UUID'],
    ['email', (value) => isText(value) && EMAIL.test(value), 'an e-mail address'],
    ['date', isDateTime, 'a date and time with offset (ISO 8601)'],
    [
      'money',
      (value) => isText(value) && MONEY.test(value),
      'a decimal text with two digits, such as "12.50"',
    ],
    ['present', (value) => value !== undefined, 'there, whatever it is'],
    ['absent', (value) => value === undefined, 'not there'],
  ];

/** `is.uuid()`, `is.oneOf([…])`, `matches('…')` …: what an expected value may be instead of a literal. */
export function registerMatchers(environment: Environment): void {
  environment
    .registerType('Matcher', { ctor: Matcher, fields: {} })
    .registerType('Matchers', { ctor: MatcherReceiver, fields: {} })
    .registerConstant('is', 'Matchers', new MatcherReceiver());
  for (const [name, accepts, description] of tests) {
    const matcher = new Matcher(`is.${name}()`, accepts);
    environment.registerFunction(`Matchers.${name}(): Matcher`, () => matcher, { description });
  }
  environment
    .registerFunction('Matchers.oneOf(list<dyn>): Matcher', (_is: unknown, list: unknown) => oneOf(list), {
      description: 'equal to one of the list',
    })
    .registerFunction('matches(string): Matcher', matching, {
      description: 'a string in which the regular expression is found',
    });
}

function oneOf(list: unknown): Matcher {
  const allowed = fromCel(list);
  const items: unknown[] = Array.isArray(allowed) ? allowed : [];
  return new Matcher(`is.oneOf(${JSON.stringify(items)})`, (value) =>
    items.some((item) => isDeepStrictEqual(item, value)),
  );
}

function matching(pattern: string): Matcher {
  const compiled = boundedPattern(pattern);
  if (!compiled.ok) {
    throw new ExpressionError({
      message: compiled.reason,
      source: pattern,
      offset: 0,
      length: pattern.length,
    });
  }
  return new Matcher(
    `matches(${JSON.stringify(pattern)})`,
    (value) => typeof value === 'string' && compiled.test(value),
  );
}
