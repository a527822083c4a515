import { expect, test } from 'vitest';
import { assertVerifiable } from '../../../src/contract/index.ts';
import { contractOf, errorOf, problemsOf } from '../documents.ts';
import { serviceOf, verdicts, verify } from './verification.ts';

const document = `paths:
  /cart:
    post:
      operationId: buy
      x-needs: { paid: [bank] }
      x-given: { paid: [{ operation: bank#open, example: account, as: account }] }
      x-set: { paid: { body/from: $account.id } }
      requestBody: { content: { application/json: { examples: { paid: { value: {} }, empty: { value: {} } } } } }
      responses:
        '201': { description: bought, content: { application/json: { schema: { type: object, required: [id] }, examples: { paid: { value: { id: 1 } } } } } }
        '400': { description: no, content: { application/json: { schema: { type: object, required: [error] }, examples: { empty: { value: { error: e } } } } } }
  /receipt:
    get:
      operationId: getReceipt
      x-given: { default: [{ operation: buy, example: paid, as: bought }] }
      responses: { '204': { description: ok } }
`;
const names = { present: ['shop'], all: ['shop', 'bank'] };

test('an example that needs a service of another topology is left out and named, and so is what waits for it', async () => {
  const shop = await serviceOf('shop', document, () => ({ status: 400, json: { error: 'e' } }));
  const result = await verify([shop], { names });
  expect(verdicts(result)).toEqual(['examples passed', 'buy: empty passed']);
  expect(result.skipped).toEqual([
    { service: 'shop', operation: 'buy', example: 'paid', needs: ['bank'] },
    { service: 'shop', operation: 'getReceipt', example: 'default', needs: ['bank'] },
  ]);
  expect(shop.heard).toHaveLength(1);
});

test('where the service is there, the example is called', async () => {
  const reply = (hasAccount: boolean) =>
    hasAccount ? { status: 201, json: { id: 1 } } : { status: 400, json: { error: 'e' } };
  const shop = await serviceOf('shop', document, ({ method, body }) =>
    method === 'GET' ? { status: 204 } : reply(JSON.stringify(body) === '{"from":7}'),
  );
  const bank = await serviceOf(
    'bank',
    `paths: { /open: { post: { operationId: open, requestBody: { content: { application/json: { examples: { account: { value: {} } } } } }, responses: { '200': { description: ok, content: { application/json: { schema: { type: object, required: [id] }, examples: { account: { value: { id: 1 } } } } } } } } } }`,
    () => ({ json: { id: 7 } }),
  );
  const result = await verify([shop, bank], { only: ['shop'] });
  expect(result.skipped).toEqual([]);
  expect(verdicts(result)).toEqual([
    'examples passed',
    'buy: paid passed',
    'buy: empty passed',
    'getReceipt: default passed',
  ]);
});

test.each([
  ['paid: [bank]', 'paid: [bnak]', 'api.yaml:7: there is no service `bnak`'],
  ['paid: [bank]', 'payed: [bank]', 'api.yaml:7: buy has no example `payed`'],
  ['paid: [bank]', 'paid: bank', 'api.yaml:7: '],
])('writing %j as %j is told with its place', async (right, wrong, problem) => {
  const check = async () => {
    const contract = await contractOf(document.replace(right, wrong));
    assertVerifiable([{ name: 'shop', baseUrl: 'http://127.0.0.1:1', contract }], { only: [], names });
  };
  const error = await errorOf(check());
  expect(error).toMatchObject({ code: 'contract-invalid', exitCode: 2 });
  expect(problemsOf(error).some((text) => text.startsWith(problem))).toBe(true);
});
