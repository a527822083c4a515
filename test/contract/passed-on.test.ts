import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createContractChecker } from '../../src/contract/index.ts';
import { loadContract } from '../../src/contract/openapi/load.ts';
import { contractOf, documentOf, errorOf, exchangeOf, folderWith, problemsOf } from './documents.ts';

const GATE = 'http://127.0.0.1:4020';

const gateway = `
x-passed-on:
  routes:
    - { path: /orders, service: orders }
    - { path: /orders/archive, service: archive }
    - { path: '/users/{id}/orders', service: orders, as: /orders }
    - { path: /users, service: users }
  responses:
    '404': { $ref: '#/components/responses/Refused' }
    '429': { $ref: '#/components/responses/Refused' }
paths:
  /:
    get:
      operationId: describe
      responses: { '200': { description: ok, content: { application/json: { schema: { type: object, required: [name] } } } } }
components:
  responses:
    Refused:
      description: refused
      content: { application/problem+json: { schema: { type: object, required: [title] } } }
`;

const orders = `
paths:
  /orders:
    get:
      operationId: listOrders
      responses: { '200': { description: ok, content: { application/json: { schema: { type: array, items: {} } } } } }
  /orders/{id}:
    get:
      operationId: getOrder
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses:
        '200': { description: ok, content: { application/json: { schema: { type: object, required: [id] } } } }
        '404': { description: none, content: { application/json: { schema: { type: object, required: [gone] } } } }
`;

async function checker() {
  return createContractChecker([
    { name: 'gateway', baseUrl: GATE, contract: await contractOf(gateway) },
    { name: 'orders', baseUrl: 'http://127.0.0.1:4021', contract: await contractOf(orders) },
  ]);
}

const problem = { 'content-type': 'application/problem+json' };

describe('an answer that comes through a gateway is right', () => {
  test.each([
    ['where the gateway answers itself', { url: `${GATE}/`, json: { name: 'gateway' } }],
    ['as the service behind documents it', { url: `${GATE}/orders/1`, json: { id: '1' } }],
    ['under another path than the service knows', { url: `${GATE}/users/7/orders`, json: [] }],
    [
      'as a refusal of the gateway',
      { url: `${GATE}/orders/1`, status: 429, headers: problem, json: { title: 't' } },
    ],
    [
      'when both document the status, as the gateway’s',
      { url: `${GATE}/orders/1`, status: 404, headers: problem, json: { title: 't' } },
    ],
    [
      'when both document the status, as the service’s',
      { url: `${GATE}/orders/1`, status: 404, json: { gone: true } },
    ],
    [
      'as a refusal where no route is',
      { url: `${GATE}/nowhere`, status: 404, headers: problem, json: { title: 't' } },
    ],
    ['when nobody knows what its service promises', { url: `${GATE}/users/7`, json: 7 }],
    ['when the longest route leads to such a service', { url: `${GATE}/orders/archive`, json: 7 }],
  ])('%s', async (_what, answer) => {
    expect((await checker()).check(exchangeOf(answer))).toEqual([]);
  });
});

describe('an answer that comes through a gateway is a finding', () => {
  test.each([
    [
      'where the gateway breaks its own contract',
      { url: `${GATE}/`, json: {} },
      'required',
      'gateway#describe',
    ],
    [
      'where the service breaks its own',
      { url: `${GATE}/orders/1`, json: {} },
      'required',
      'orders#getOrder',
    ],
    ['under another path too', { url: `${GATE}/users/7/orders`, json: {} }, 'type', 'orders#listOrders'],
    [
      'for a status that neither documents',
      { url: `${GATE}/orders/1`, status: 418 },
      'undocumented-status',
      'orders#getOrder',
    ],
    [
      'when it fits neither',
      { url: `${GATE}/orders/1`, status: 404, json: {} },
      'required',
      'orders#getOrder',
    ],
    [
      'for a refusal that is none',
      { url: `${GATE}/orders/1`, status: 429, headers: problem, json: {} },
      'undocumented-status',
      'orders#getOrder',
    ],
    [
      'for a path that the service lacks',
      { url: `${GATE}/orders/1/parts`, json: {} },
      'undocumented-operation',
      'orders GET',
    ],
    [
      'for a bad refusal where no route is',
      { url: `${GATE}/nowhere`, status: 404, headers: problem, json: {} },
      'required',
      'gateway#x-passed-on',
    ],
    [
      'for an answer where no route is',
      { url: `${GATE}/orderly`, json: {} },
      'undocumented-operation',
      'gateway GET',
    ],
  ])('%s', async (_what, answer, rule, subject) => {
    expect((await checker()).check(exchangeOf(answer))).toEqual([
      expect.objectContaining({ rule, subject: expect.stringContaining(subject) }),
    ]);
  });
});

test('what a service is seen to answer through a gateway counts as its coverage, and refusals of the gateway do not', async () => {
  const { check, coverage } = await checker();
  check(exchangeOf({ url: `${GATE}/orders/1`, json: { id: '1' } }));
  check(exchangeOf({ url: `${GATE}/orders/1`, status: 404, headers: problem, json: { title: 't' } }));
  const seen = coverage().operations.flatMap(({ operation, statuses }) =>
    statuses.filter((status) => status.seen).map(({ status }) => `${operation} ${status}`),
  );
  expect(seen).toEqual(['getOrder 200']);
});

test('a route that is none is an error at its line', async () => {
  const broken = gateway.replace('{ path: /users, service: users }', '{ path: users }');
  const folder = await folderWith({ 'api.yaml': documentOf(broken) });
  const problems = problemsOf(await errorOf(loadContract(join(folder, 'api.yaml'), folder)));
  expect(problems).toEqual(expect.arrayContaining([expect.stringMatching(/^api\.yaml:9: .*service/)]));
});
