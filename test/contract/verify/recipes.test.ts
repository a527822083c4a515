import { expect, test } from 'vitest';
import { assertVerifiable } from '../../../src/contract/index.ts';
import { contractOf, errorOf, problemsOf } from '../documents.ts';

/** The problems of a document whose operation `a` (example `phone`) has these extensions, from line 4 on. */
async function problemsFor(extensions: string) {
  const load = async () => {
    const contract = await contractOf(`paths:
${extensions}
  /b: { get: { operationId: list, responses: { '200': { description: ok } } } }
`);
    assertVerifiable([{ name: 'shop', baseUrl: 'http://127.0.0.1:1', contract }], {
      only: [],
      names: { present: ['shop'], all: ['shop'] },
    });
  };
  return errorOf(load());
}

const operation = (extensions: string) => `  /a:
    post:
      operationId: a
      ${extensions}
      requestBody: { content: { application/json: { examples: { phone: { value: 1 } } } } }
      responses: { '201': { description: ok } }`;

test.each([
  ['x-given: { phone: [{ operation: lst }] }', 'there is no operation `lst`', 'did you mean `list`?'],
  [
    'x-given: { phone: [{ operation: shpo#list }] }',
    'there is no service with a contract `shpo`',
    'did you mean `shop`?',
  ],
  ['x-given: { phone: [{ operation: list, example: y }] }', 'there is no example `y`', 'known: default'],
  ['x-given: { phones: [{ operation: list }] }', 'a has no example `phones`', 'did you mean `phone`?'],
  ['x-set: { phones: { body/a: 1 } }', 'a has no example `phones`', 'did you mean `phone`?'],
  [
    'x-set: { phone: { body/a: $user.id } }',
    'no earlier call of this example is called `user`',
    'name an earlier call with `as`',
  ],
  [
    'x-given: { phone: [{ operation: list, as: user, set: { query/q: $user.id } }] }',
    'no earlier call of this example is called `user`',
    'name an earlier call with `as`',
  ],
  [
    'x-given: { phone: [{ operation: a, example: phone }] }',
    'this call waits for itself: shop#a (phone) → shop#a (phone)',
    undefined,
  ],
  ['x-given: { phone: [{ operaton: list }] }', 'unknown key `operaton`', 'did you mean `operation`?'],
  ['x-given: { phone: b }', 'a list of calls', undefined],
  ['x-set: { phone: { boddy/a: 1 } }', '`boddy/a` names no part of a request', undefined],
  ['x-set: { phone: { body/a: $-1 } }', '`$-1` is not a reference', undefined],
  ['x-set: { phone: { body/a: "Bearer ${b" } }', '`Bearer ${b` is not a reference', undefined],
  ['x-set: { phone: { body/a: "Bearer ${-1}" } }', '`Bearer ${-1}` is not a reference', undefined],
  [
    'x-set: { phone: { body/a: "Bearer ${session.token}" } }',
    'no earlier call of this example is called `session`',
    'name an earlier call with `as`',
  ],
  ['x-authorize: { phones: none }', 'a has no example `phones`', 'did you mean `phone`?'],
  ['x-authorize: { phone: nine }', 'there is no security scheme `nine`', 'did you mean `none`?'],
  ['x-authorize: { phone: [none] }', 'the name of a security scheme, or `none`', undefined],
])('%s is an error at its line', async (extensions, message, hint) => {
  const error = await problemsFor(operation(extensions));
  expect(error).toMatchObject({ code: 'contract-invalid', exitCode: 2 });
  expect(error.problems.find((problem) => problem.message.includes(message))).toMatchObject({
    place: { file: 'api.yaml', line: 7 },
    ...(hint === undefined ? {} : { hint }),
  });
});

test('a circle through several calls is found', async () => {
  const link = (id: string, next: string) => `  /${id}:
    get:
      operationId: ${id}
      x-given: { default: [{ operation: ${next} }] }
      responses: { '200': { description: ok } }`;
  const error = await problemsFor(`${link('c', 'd')}\n${link('d', 'e')}\n${link('e', 'c')}`);
  expect(problemsOf(error)).toEqual([
    'api.yaml:17: this call waits for itself: shop#c (default) → shop#d (default) → shop#e (default) → shop#c (default)',
  ]);
});

test('an earlier call that cannot be made is an error where it is asked for', async () => {
  const error = await problemsFor(`  /c:
    get:
      operationId: c
      x-given: { default: [{ operation: d }] }
      responses: { '200': { description: ok } }
  /d:
    post: { operationId: d, requestBody: { required: true, content: { application/json: {} } }, responses: { '200': { description: ok } } }`);
  expect(problemsOf(error)).toEqual([
    'api.yaml:7: the example `default` of `d` cannot be called: nothing was proved: there is no example `default` of the body',
  ]);
});
