import { isObject, listOf } from '../../../src/contract/openapi/json.ts';
import type { BadCase, Kind } from './case.ts';
import type { Described, DescribedBody } from './described.ts';
import { type Draft, withBody, withMember, withText } from './drafts.ts';
import { type Misfit, ofOtherKinds, outOfBounds } from './misfits.ts';
import { type Field, fieldsOf, isBoundedMap, kindsOf, pointerTo, type Schema } from './schemas.ts';
import { secretText } from './secrets.ts';

/** What can be wrong with the members of a body, and with a body as a whole. */
export const bodyKinds: readonly Kind[] = [
  { title: 'members of a wrong type, null among them', casesOf: misfitsBy(ofOtherKinds) },
  { title: 'members beyond their bounds', casesOf: misfitsBy(outOfBounds) },
  { title: 'bodies without a member that is required', casesOf: forBody(missing) },
  { title: 'members that nobody knows', casesOf: forBody(unknown) },
  { title: 'bodies that are empty, no object or no JSON', casesOf: forBody(malformed), isAtGateway: true },
  { title: 'bodies of another content type', casesOf: forBody(mistyped), isAtGateway: true },
  { title: 'bodies of more than 1 MB', casesOf: forBody(oversized), isAtGateway: true },
];

function forBody(casesOf: (body: DescribedBody) => BadCase[]): Kind['casesOf'] {
  return ({ body }: Described) => (body === undefined ? [] : casesOf(body));
}

function misfitsBy(find: (schema: Schema) => Misfit[]): Kind['casesOf'] {
  return forBody((body) =>
    fieldsOf(body.schema).flatMap((field) =>
      find(field.schema).flatMap(({ what, value }) => memberCase(body, field, { what, value })),
    ),
  );
}

/** None when the value fits after all. */
function memberCase(body: DescribedBody, { steps }: Field, { what, value }: Misfit): BadCase[] {
  const change = (draft: Draft) =>
    withMember(withBody(draft, body.having(draft.parts.body?.value, steps)), steps, value);
  if (body.fits(changed(body, change))) return [];
  return [{ what: `${pointerTo(steps)} ${what}`, statuses: [400], pointer: pointerTo(steps), change }];
}

function missing(body: DescribedBody): BadCase[] {
  return fieldsOf(body.schema).flatMap((field): BadCase[] => {
    const { steps } = field;
    const change = (draft: Draft) => {
      const host = body.having(draft.parts.body?.value, steps);
      return withBody(draft, without(host, steps));
    };
    if (body.fits(changed(body, change))) return [];
    // A member that may be left out is missed only because the body is nothing without it.
    const pointer = pointerTo(isNeeded(field, body) ? steps : steps.slice(0, -1));
    return [{ what: pointerTo(steps), statuses: [400], pointer, change }];
  });
}

/** Required always, or (`if` and `then`) because of what another member says. */
function isNeeded({ steps, isRequired }: Field, { schema }: DescribedBody): boolean {
  const then = schema['then'];
  const isNeededThen = isObject(then) && listOf(then['required']).includes(steps.join('/'));
  return isRequired || isNeededThen;
}

function without(value: unknown, steps: readonly string[]): unknown {
  const [step = '', ...rest] = steps;
  if (Array.isArray(value)) {
    const index = Number(step);
    if (rest.length === 0) return value.toSpliced(index, 1);
    return value.with(index, without(value[index], rest));
  }
  if (!isObject(value)) return value;
  if (rest.length > 0) return { ...value, [step]: without(value[step], rest) };
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== step));
}

const strangers = ['unknown_member', 'isAdmin', '__proto__', 'constructor'];

function unknown(body: DescribedBody): BadCase[] {
  const objects = fieldsOf(body.schema).filter(
    ({ schema }) => kindsOf(schema).includes('object') && !isBoundedMap(schema),
  );
  return [{ steps: [], schema: body.schema }, ...objects].flatMap(({ steps, schema }) =>
    strangers.map((name): BadCase => {
      const at = [...steps, name];
      const change = (draft: Draft) => {
        const anyMember = Object.keys(isObject(schema['properties']) ? schema['properties'] : {})[0];
        const host = body.having(
          draft.parts.body?.value,
          steps.length === 0 ? [] : [...steps, `${anyMember}`],
        );
        // As text, because an object of JavaScript cannot be given a member named "__proto__" by assigning it.
        const marked = withMember(withBody(draft, host), [...steps, 'MARK'], secretText()).parts.body?.value;
        return withText(draft, JSON.stringify(marked).replace('"MARK"', `"${name}"`), 'application/json');
      };
      return { what: pointerTo(at), statuses: [400], pointer: pointerTo(at), change };
    }),
  );
}

function malformed({ isRequired, example }: DescribedBody): BadCase[] {
  const secret = secretText();
  const texts = [
    ...(isRequired ? [''] : []),
    '{',
    `{"password":"${secret}"`,
    `{"password":${secret}}`,
    `${JSON.stringify(example)}}`,
    `'${JSON.stringify(example)}'`,
    '\u0000',
    'null',
    '[]',
    `["${secret}"]`,
    `"${secret}"`,
    '1',
    'true',
    'NaN',
    '['.repeat(50_000),
  ];
  return texts.map((text) => ({
    what: JSON.stringify(text.slice(0, 40)),
    statuses: [400],
    pointer: '#',
    change: (draft) => withText(draft, text, 'application/json'),
  }));
}

function mistyped({ mediaTypes }: DescribedBody): BadCase[] {
  const others = [
    'text/plain',
    'application/xml',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin-9000',
    'nonsense',
  ].filter((type) => !mediaTypes.includes(type));
  const text = (draft: Draft) => JSON.stringify(draft.parts.body?.value);
  const cases = [...others, undefined].map((type): BadCase => {
    const change = (draft: Draft) => withText(draft, text(draft), type);
    return { what: `${type}`, statuses: [415], change };
  });
  const squeezed = (draft: Draft) => ({
    ...draft,
    headers: { ...draft.headers, 'content-encoding': 'gzip' },
  });
  return [...cases, { what: 'compressed', statuses: [415], change: squeezed }];
}

function oversized(): BadCase[] {
  const text = `{"a":"${'x'.repeat(1_000_001)}"}`;
  return [
    { what: 'too large', statuses: [413], change: (draft) => withText(draft, text, 'application/json') },
  ];
}

/** The body that a change makes of the documented example. */
function changed(body: DescribedBody, change: (draft: Draft) => Draft): unknown {
  const none = new Map();
  const parts = { path: none, query: none, header: none, cookie: none };
  return change(withBody({ parts }, body.example)).parts.body?.value;
}
