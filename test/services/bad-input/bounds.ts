import type { Described } from './described.ts';
import { fieldsOf, isBoundedMap, type Kind, kindsOf, pointerTo, type Schema } from './schemas.ts';

/** What an operation takes without saying how much of it, in sentences: nothing could be refused there. */
export function unbounded({ body, parameters, documents }: Described): string[] {
  const whole = body === undefined ? [] : [{ place: '#', schema: body.schema }];
  const places = [
    ...whole,
    ...fieldsOf(body?.schema ?? {}).map(({ steps, schema }) => ({ place: pointerTo(steps), schema })),
    ...parameters.map(({ in: place, name, schema }) => ({ place: `${place}/${name}`, schema })),
  ];
  const undocumented = places.length > 0 && !documents(400) ? ['takes input, but documents no 400'] : [];
  return [
    ...undocumented,
    ...places.flatMap(({ place, schema }) => gaps(schema).map((gap) => `${place}: ${gap}`)),
  ];
}

/** Formats whose texts have a greatest length. */
const shortFormats = ['uuid', 'date', 'date-time'];

/** What is missing in a schema, and when. */
const gapsBySchema: readonly [string, (schema: Schema) => boolean][] = [
  ['takes values of any type', (schema) => kindsOf(schema).length > 3],
  [
    'a text has no greatest length',
    (schema) => is('string', schema) && !bounds(schema, 'maxLength') && !isShort(schema),
  ],
  [
    'a text may hold control characters',
    (schema) => is('string', schema) && !bounds(schema, 'pattern') && !bounds(schema, 'format'),
  ],
  [
    'a number has no bounds',
    (schema) =>
      (is('integer', schema) || is('number', schema)) &&
      !(bounds(schema, 'minimum') && bounds(schema, 'maximum')),
  ],
  ['a list has no greatest length', (schema) => is('array', schema) && !bounds(schema, 'maxItems')],
  [
    'takes unknown members',
    (schema) => is('object', schema) && schema['additionalProperties'] !== false && !isBoundedMap(schema),
  ],
];

function gaps(schema: Schema): string[] {
  if ('const' in schema || 'enum' in schema) return [];
  return gapsBySchema.filter(([, isOpen]) => isOpen(schema)).map(([gap]) => gap);
}

const is = (kind: Kind, schema: Schema) => kindsOf(schema).includes(kind);
const bounds = (schema: Schema, keyword: string) => schema[keyword] !== undefined;

/** A pattern bounds the length when it is anchored and repeats nothing without end. */
function isShort({ format, pattern }: Schema): boolean {
  if (shortFormats.includes(String(format))) return true;
  return typeof pattern === 'string' && /^\^.*\$$/.test(pattern) && !/[*+](?![^[]*\])|,\}/.test(pattern);
}
