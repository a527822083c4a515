import type { BadCase, Kind } from './case.ts';
import type { Described, DescribedParameter } from './described.ts';
import { type Draft, withParameter } from './drafts.ts';
import { outOfBounds } from './misfits.ts';
import { kindsOf } from './schemas.ts';
import { secretText } from './secrets.ts';

/** What can be wrong with the parameters in path, query and headers. */
export const parameterKinds: readonly Kind[] = [
  { title: 'parameters that do not fit', casesOf: misfits },
  { title: 'parameters that are missing, unknown or there twice', casesOf: miscounted },
  { title: 'secrets where an id belongs', casesOf: misplaced },
];

const numbers = ['abc', '1.5', '1e2', '0x1', ' 1', '1 ', 'true', 'null', 'NaN', '99999999999999999999', ''];

function misfits({ parameters }: Described): BadCase[] {
  return parameters.flatMap((parameter) => {
    const { schema } = parameter;
    const bounds = outOfBounds(schema).map(({ value }) => String(value));
    const texts = kindsOf(schema).includes('string') ? bounds : [...numbers, ...bounds];
    return texts
      .filter((text) => !parameter.fits(text) && canBeSent(parameter, text))
      .map((text) => parameterCase(parameter, text));
  });
}

function parameterCase(parameter: DescribedParameter, text: string): BadCase {
  const pointer = `${parameter.in}/${parameter.name}`;
  return {
    what: `${pointer}=${JSON.stringify(text.slice(0, 40))}`,
    statuses: [400],
    pointer,
    change: (draft) => withParameter(draft, parameter, text),
  };
}

/** A path without a segment is another path, and HTTP itself refuses most characters in headers. */
export function canBeSent({ in: place }: DescribedParameter, text: string): boolean {
  if (place === 'path') return text !== '';
  return place !== 'header' || /^[\x20-\x7e]*$/.test(text);
}

function miscounted({ parameters, documents }: Described): BadCase[] {
  const queries = parameters.filter(({ in: place }) => place === 'query');
  const twice = queries.map(({ name }) => ({
    what: `query/${name} twice`,
    statuses: [400],
    pointer: `query/${name}`,
    change: (draft: Draft) => ({ ...withoutQuery(draft, name), query: `${name}=1&${name}=2` }),
  }));
  const missing = queries
    .filter(({ required }) => required)
    .map(({ name }) => ({
      what: `query/${name} missing`,
      statuses: [400],
      pointer: `query/${name}`,
      change: (draft: Draft) => withoutQuery(draft, name),
    }));
  // What documents no 400 takes no input at all, and does not look at any.
  const takesInput = documents(400);
  const unknown = ['unknown_parameter', 'limit[a]', '__proto__'].map((name): BadCase => {
    const what = `query/${name} unknown`;
    const change = (draft: Draft) => ({ ...draft, query: `${encodeURIComponent(name)}=${secretText()}` });
    if (!takesInput) return { what, isJustText: true, change };
    return { what, statuses: [400], pointer: `query/${name}`, change };
  });
  return [...twice, ...missing, ...unknown];
}

/** What people put where it does not belong, and find in the log of a service that does not take care. */
function misplaced({ parameters }: Described): BadCase[] {
  const secrets = [
    'somebody@example.com',
    'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
    '4111 1111 1111 1111',
  ];
  return parameters.flatMap((parameter) =>
    secrets
      .filter((text) => !parameter.fits(text) && canBeSent(parameter, text))
      .map((text) => parameterCase(parameter, text)),
  );
}

function withoutQuery(draft: Draft, name: string): Draft {
  const query = new Map([...draft.parts.query].filter(([key]) => key !== name));
  return { ...draft, parts: { ...draft.parts, query } };
}
