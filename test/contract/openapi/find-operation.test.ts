import { expect, test } from 'vitest';
import { findOperation } from '../../../src/contract/openapi/find-operation.ts';
import { contractOf } from '../documents.ts';

const ok = "responses: { '200': { description: ok } }";
const id = '{ name: id, in: path, required: true, schema: { type: string } }';
const body = `
servers: [{ url: 'http://127.0.0.1:1/v1/' }, { url: /beta }]
paths:
  /users/{id}:
    parameters: [${id}]
    get: { operationId: getUser, ${ok} }
    delete: { operationId: deleteUser, ${ok} }
  /users/me:
    get: { operationId: getMe, ${ok} }
  /users/{id}/orders:
    parameters: [${id}]
    get: { operationId: getOrders, ${ok} }
  /files/{id}.json:
    parameters: [${id}]
    get: { operationId: getFile, ${ok} }
  /files/{id}:
    parameters: [${id}]
    get: { operationId: getAnyFile, ${ok} }
  /caf\u00e9:
    get: { operationId: getCoffee, ${ok} }
  /:
    servers: [{ url: / }]
    get: { operationId: getRoot, ${ok} }
`;

test.each([
  ['GET', '/v1/users/7', 'getUser'],
  ['get', '/beta/users/7', 'getUser'],
  ['HEAD', '/v1/users/7', 'getUser'],
  ['GET', '/v1/users/me', 'getMe'],
  ['DELETE', '/v1/users/me', 'deleteUser'],
  ['GET', '/v1/users/a%2Fb', 'getUser'],
  ['GET', '/v1/users/100%', 'getUser'],
  ['GET', '/v1/users/7/orders', 'getOrders'],
  ['GET', '/v1/files/a.json', 'getFile'],
  ['GET', '/v1/files/a.xml', 'getAnyFile'],
  ['GET', '/v1/caf%C3%A9', 'getCoffee'],
  ['GET', '/', 'getRoot'],
])('%s %s is %s', async (method, path, expected) => {
  const { operations } = await contractOf(body);
  const match = findOperation(operations, { method, path, hasOwnBasePath: false });
  expect(match).toMatchObject({ kind: 'operation', operation: { id: expected } });
});

test.each([
  ['GET', '/users/7', 'unknown-path'],
  ['GET', '/v1/users/', 'unknown-path'],
  ['GET', '/v1/users/7/', 'unknown-path'],
  ['GET', '/v1x/users/7', 'unknown-path'],
  ['PATCH', '/v1/users/7', 'unknown-method'],
])('%s %s is an %s', async (method, path, expected) => {
  const { operations } = await contractOf(body);
  expect(findOperation(operations, { method, path, hasOwnBasePath: false }).kind).toBe(expected);
});

test('a base URL with a path of its own stands for the paths of the servers', async () => {
  const { operations } = await contractOf(body);
  const match = findOperation(operations, { method: 'GET', path: '/users/7', hasOwnBasePath: true });
  expect(match).toMatchObject({ kind: 'operation', operation: { id: 'getUser' } });
});
