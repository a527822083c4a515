import { kinds, kindsOf, type Schema } from './schemas.ts';
import { secretText } from './secrets.ts';

/** A value that a schema is to refuse, in words and as it is. */
export interface Misfit {
  what: string;
  value: unknown;
}

/** Values of every kind that the schema does not take. */
export function ofOtherKinds(schema: Schema): Misfit[] {
  const taken = kindsOf(schema);
  const others = kinds.filter((kind) => !taken.includes(kind));
  const values = {
    string: secretText(),
    number: 1.5,
    integer: 7,
    boolean: true,
    null: null,
    array: [secretText()],
    object: { [secretText()]: 1 },
  };
  return others
    .filter((kind) => kind !== 'integer' || !taken.includes('number'))
    .map((kind) => ({ what: kind, value: values[kind] }));
}

/** Values of the right kind beyond what the schema allows. */
export function outOfBounds(schema: Schema): Misfit[] {
  const number = (key: string) => (typeof schema[key] === 'number' ? schema[key] : undefined);
  const { minLength, maxLength, minimum, maximum, minItems, maxItems } = {
    minLength: number('minLength'),
    maxLength: number('maxLength'),
    minimum: number('minimum'),
    maximum: number('maximum'),
    minItems: number('minItems'),
    maxItems: number('maxItems'),
  };
  return [
    ...when(minLength, (least) => ({ what: 'too short', value: 'x'.repeat(Math.max(0, least - 1)) })),
    ...when(maxLength, (most) => ({ what: 'too long', value: secretText().padEnd(most + 1, 'x') })),
    ...when(minimum, (least) => ({ what: 'too small', value: least - 1 })),
    ...when(maximum, (most) => ({ what: 'too large', value: most + 1 })),
    ...when(minItems, (least) => ({ what: 'too few', value: Array(Math.max(0, least - 1)).fill('x') })),
    ...when(maxItems, (most) => ({ what: 'too many', value: Array(most + 1).fill(secretText()) })),
    ...(kindsOf(schema).includes('string')
      ? [
          { what: 'of another shape', value: `${secretText()} ä"` },
          { what: 'with a control character', value: `${secretText()}\u0007` },
          { what: 'empty', value: '' },
        ]
      : []),
    ...(schema['uniqueItems'] === true ? [{ what: 'twice the same', value: twice(schema) }] : []),
  ];
}

function twice({ items }: Schema): unknown[] {
  const allowed = typeof items === 'object' && items !== null && 'enum' in items ? items.enum : ['x'];
  const [first] = Array.isArray(allowed) ? allowed : ['x'];
  return [first, first];
}

function when(limit: number | undefined, make: (limit: number) => Misfit): Misfit[] {
  return limit === undefined ? [] : [make(limit)];
}
