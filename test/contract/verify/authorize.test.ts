import { expect, test } from 'vitest';
import { assertVerifiable, type ContractService } from '../../../src/contract/index.ts';
import { contractOf, errorOf, problemsOf } from '../documents.ts';
import type { Heard } from '../http-service.ts';
import { serviceOf, verdicts, verify } from './verification.ts';

const choice = { only: [], names: { present: ['vault', 'door'], all: ['vault', 'door'] } };

const doorDocument = `paths:
  /tokens:
    post:
      operationId: openSession
      requestBody: { content: { application/json: { examples: { staff: { value: { role: staff } } } } } }
      responses:
        '201': { description: made, content: { application/json: { schema: { type: object, required: [token] }, examples: { staff: { value: { token: t } } } } } }
`;

const LAST_OF_AUTHORIZE = 'set: { header/authorization: "Bearer ${session.token}" }';

const vaultDocument = `security: [{ staff: [] }]
x-authorize:
  staff:
    given: [{ operation: door#openSession, example: staff, as: session }]
    ${LAST_OF_AUTHORIZE}
paths:
  /gold:
    get:
      operationId: seeGold
      x-authorize: { stranger: none }
      x-set: { forged: { header/authorization: Bearer forged } }
      parameters:
        - { name: q, in: query, schema: { type: string }, examples: { owner: { value: a }, stranger: { value: b }, forged: { value: c } } }
      responses:
        '200': { description: ok, content: { application/json: { schema: { type: object, required: [gold] }, examples: { owner: { value: { gold: 1 } } } } } }
        '401': { description: who?, content: { application/json: { schema: { type: object, required: [error] }, examples: { stranger: { value: { error: e } }, forged: { value: { error: e } } } } } }
  /sum:
    get:
      operationId: getSum
      x-given: { default: [{ operation: seeGold, example: owner, as: seen }] }
      x-set: { default: { query/text: "has \${seen.gold} and \${seen.list.0}!" } }
      security: [{}, { staff: [] }]
      responses: { '204': { description: ok } }
  /open: { get: { operationId: isOpen, security: [], responses: { '204': { description: ok } } } }
components: { securitySchemes: { staff: { type: http, scheme: bearer }, guest: { type: http, scheme: basic } } }
`;

const doorReply = () => ({ status: 201, json: { token: 'T' } });

/** Lets in whoever has the token `T`, or everybody where there is no door. */
function vaultReply(hasDoor: boolean) {
  return ({ url, headers: { authorization } }: Heard) => {
    if (hasDoor && url !== '/open' && authorization !== 'Bearer T')
      return { status: 401, json: { error: 'who?' } };
    return url.startsWith('/gold') ? { json: { gold: 7, list: ['silver'] } } : { status: 204 };
  };
}

const startVault = (hasDoor: boolean, document = vaultDocument) =>
  serviceOf('vault', document, vaultReply(hasDoor));
const startDoor = () => serviceOf('door', doorDocument, doorReply);

test('calls of an operation that takes a security scheme say who asks, but for examples that say otherwise', async () => {
  const vault = await startVault(true);
  const door = await startDoor();
  expect(verdicts(await verify([vault, door], { only: ['vault'] }))).toEqual([
    'examples passed',
    'seeGold: owner passed',
    'seeGold: stranger passed',
    'seeGold: forged passed',
    'getSum: default passed',
    'isOpen: default passed',
  ]);
  expect(vault.heard.map(({ url, headers }) => [url, headers['authorization']])).toEqual([
    ['/gold?q=a', 'Bearer T'],
    ['/gold?q=b', undefined],
    ['/gold?q=c', 'Bearer forged'],
    ['/gold?q=a', 'Bearer T'],
    ['/sum?text=has+7+and+silver%21', 'Bearer T'],
    ['/open', undefined],
  ]);
});

test('where the service that issues tokens is no part of the topology, calls are made without', async () => {
  const vault = await startVault(false);
  const result = await verify([vault]);
  expect(verdicts(result)).toContain('seeGold: owner passed');
  const withoutForged = vault.heard.filter(({ url }) => url !== '/gold?q=c');
  expect(withoutForged.map(({ headers }) => headers['authorization'])).toEqual(
    withoutForged.map(() => undefined),
  );
});

test('a token that cannot be had fails the call with the reason', async () => {
  const vault = await startVault(true);
  const door = await serviceOf('door', doorDocument, () => ({ status: 500 }));
  const { checks } = await verify([vault, door], { only: ['vault'] });
  const [finding] = checks.find(({ name }) => name === 'seeGold: owner')?.findings ?? [];
  expect(finding).toMatchObject({ rule: 'precondition-failed' });
  expect(finding?.message).toContain('door#openSession (staff), failed');
});

test.each([
  ['staff:\n    given', 'stuff:\n    given', 'api.yaml:6: there is no security scheme `stuff`'],
  ['example: staff, as', 'example: stuff, as', 'api.yaml:6: there is no example `stuff`'],
  ['door#openSession', 'door#openSesion', 'api.yaml:6: there is no operation `openSesion`'],
  ['${session.token}', '${sesion.token}', 'api.yaml:7: no earlier call of this example is called `sesion`'],
  ['header/authorization: "', 'heder/authorization: "', 'api.yaml:7: `heder/authorization` names no part'],
  [LAST_OF_AUTHORIZE, 'sets: {}', 'api.yaml:7: unknown key `sets`'],
  ['as: seen', 'as: session', 'api.yaml:22: `session` is a name of x-authorize'],
])(
  'writing %j as %j is told once, with its place, before anything is sent',
  async (right, wrong, problem) => {
    const services = async (): Promise<ContractService[]> => [
      {
        name: 'vault',
        baseUrl: 'http://127.0.0.1:1',
        contract: await contractOf(vaultDocument.replace(right, wrong)),
      },
      { name: 'door', baseUrl: 'http://127.0.0.1:1', contract: await contractOf(doorDocument) },
    ];
    const error = await errorOf(services().then((all) => assertVerifiable(all, choice)));
    expect(error).toMatchObject({ code: 'contract-invalid', exitCode: 2 });
    expect(problemsOf(error).filter((text) => text.startsWith(problem))).toHaveLength(1);
  },
);
