import { expect, test } from 'vitest';
import { serviceOf, verdicts, verify } from './verification.ts';

const answer = (content: string) => `{ description: ok, content: { application/json: ${content} } }`;

async function verdictsOf(document: string, json: unknown = { ok: true }, status = 200) {
  const service = await serviceOf('s', document, () => ({ status, json }));
  const result = await verify([service]);
  return { verdicts: verdicts(result), heard: service.heard, result };
}

const withBody = (requestBody: string, responses: string) =>
  `paths: { /a: { post: { operationId: a, requestBody: ${requestBody}, responses: { ${responses} } } } }`;

test.each([
  [
    'a required body',
    withBody('{ required: true, content: { application/json: { schema: {} } } }', `'200': ${answer('{}')}`),
  ],
  [
    'a required parameter',
    `paths: { '/a/{id}': { get: { operationId: a, parameters: [{ name: id, in: path, required: true, schema: { type: string } }], responses: { '200': ${answer('{}')} } } } }`,
  ],
])('an operation with %s and no example of it proves nothing, and fails', async (_, document) => {
  const { verdicts, heard } = await verdictsOf(document);
  expect(verdicts).toEqual(['examples passed', 'a: default failed no-example']);
  expect(heard).toEqual([]);
});

test('an example that no answer documents cannot be verified, and fails', async () => {
  const { verdicts, heard } = await verdictsOf(
    withBody(
      '{ content: { application/json: { schema: {}, examples: { x: { value: 1 }, y: { value: 2 } } } } }',
      `'200': ${answer('{ schema: {}, examples: { x: { value: 1 } } }')}, '202': ${answer('{}')}`,
    ),
  );
  expect(verdicts).toEqual(['examples passed', 'a: x passed', 'a: y failed example-without-answer']);
  expect(heard).toHaveLength(1);
});

test('an example that two answers document cannot be verified, and fails', async () => {
  const { verdicts } = await verdictsOf(
    withBody(
      '{ content: { application/json: { schema: {}, examples: { x: { value: 1 } } } } }',
      `'200': ${answer('{ examples: { x: { value: 1 } } }')}, '400': ${answer('{ examples: { x: { value: 1 } } }')}`,
    ),
  );
  expect(verdicts).toEqual(['examples passed', 'a: x failed example-without-answer']);
});

test('an example without a name expects the one documented success, whatever else is documented', async () => {
  const { verdicts } = await verdictsOf(
    withBody(
      '{ content: { application/json: { schema: {}, example: 1 } } }',
      `'200': ${answer('{ example: 1 }')}, '400': ${answer('{ example: 2 }')}`,
    ),
  );
  expect(verdicts).toEqual(['examples passed', 'a: default passed']);
});

test('an example is documented by reference as well as in place', async () => {
  const document = withBody(
    "{ content: { application/json: { schema: {}, examples: { x: { $ref: '#/components/examples/X' } } } } }",
    `'200': ${answer("{ examples: { x: { $ref: '#/components/examples/X' } } }")}`,
  );
  const { heard, verdicts } = await verdictsOf(
    `${document}\ncomponents: { examples: { X: { value: { from: ref } } } }`,
  );
  expect(verdicts).toEqual(['examples passed', 'a: x passed']);
  expect(heard[0]?.body).toEqual({ from: 'ref' });
});

test('a form is sent as a form', async () => {
  const { heard } = await verdictsOf(
    withBody(
      '{ content: { application/x-www-form-urlencoded: { schema: {}, example: { a: 1, b: x y } } } }',
      `'200': ${answer('{}')}`,
    ),
  );
  expect(heard[0]?.body).toBe('a=1&b=x+y');
});

const typed = '{ type: object, required: [n], properties: { n: { type: integer } } }';

test('examples that do not fit their schemas are found without the service, with pointer', async () => {
  const { verdicts, result } = await verdictsOf(
    withBody(
      `{ content: { application/json: { schema: ${typed}, examples: { x: { value: { n: one } } } } } }`,
      `'200': ${answer(`{ schema: ${typed}, examples: { x: { value: {} } } }`)}`,
    ),
    { n: 1 },
  );
  expect(verdicts).toEqual(['examples failed example-does-not-fit/n example-does-not-fit/n', 'a: x passed']);
  expect(result.checks[0]?.findings.map(({ subject, message }) => [subject, message])).toEqual([
    [
      's#a request application/json',
      'the example `x` does not fit its schema (type): must be integer, not "one"',
    ],
    [
      's#a 200 application/json',
      'the example `x` does not fit its schema (required): the field `n` is missing',
    ],
  ]);
});

test('an example of a request that is to be refused may be wrong', async () => {
  const { verdicts } = await verdictsOf(
    withBody(
      `{ content: { application/json: { schema: ${typed}, examples: { x: { value: { n: one } } } } } }`,
      `'400': ${answer('{ schema: { type: object }, examples: { x: { value: {} } } }')}`,
    ),
    {},
    400,
  );
  expect(verdicts).toEqual(['examples passed', 'a: x passed']);
});

test('an example of a parameter must fit as well', async () => {
  const { verdicts } = await verdictsOf(
    `paths: { /a: { get: { operationId: a, parameters: [{ name: q, in: query, schema: { type: integer, maximum: 5 }, examples: { x: { value: 6 } } }], responses: { '200': ${answer('{ examples: { x: { value: 1 } } }')} } } } }`,
  );
  expect(verdicts).toEqual(['examples failed example-does-not-fit', 'a: x passed']);
});

test.each([
  ['no schema', '{}', true],
  ['an empty schema', '{ schema: {} }', true],
  [
    'an object without required fields',
    '{ schema: { type: object, properties: { a: { type: string } } } }',
    true,
  ],
  ['the same in parts', '{ schema: { allOf: [{ type: object }, {}] } }', true],
  ['a required field', '{ schema: { type: object, required: [ok] } }', false],
  [
    'a closed object',
    '{ schema: { type: object, properties: { ok: {} }, additionalProperties: false } }',
    false,
  ],
  ['another type', '{ schema: { type: [boolean, object] , enum: [{ ok: true }] } }', false],
  ['a required field in a part', '{ schema: { allOf: [{ type: object }, { required: [ok] }] } }', false],
])('an answer documented with %s is a weak contract: %s %s', async (_, media, isWeak) => {
  const { result } = await verdictsOf(
    `paths: { /a: { get: { operationId: a, responses: { '200': ${answer(media)} } } } }`,
  );
  expect(result.verdict).toBe('passed');
  expect(result.warnings.map(({ rule, subject }) => [rule, subject])).toEqual(
    isWeak ? [['cannot-fail', 's#a 200 application/json']] : [],
  );
});
