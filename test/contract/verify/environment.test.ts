import { expect, test } from 'vitest';
import { assertVerifiable } from '../../../src/contract/index.ts';
import { contractOf, errorOf, problemsOf } from '../documents.ts';
import { serviceOf, verdicts, verify } from './verification.ts';

const document = `paths:
  /keys:
    get:
      operationId: getKeys
      x-set: { staff: { basic: "desk:\${env.DOOR_SECRET}", header/x-floor: $env.FLOOR } }
      parameters: [{ name: q, in: query, schema: { type: string }, examples: { staff: { value: a } } }]
      responses:
        '200': { description: ok, content: { application/json: { schema: { type: object, required: [keys] }, examples: { staff: { value: { keys: [] } } } } } }
        '401': { description: who?, content: { application/json: { schema: { type: object, required: [error] } } } }
`;
const env = { DOOR_SECRET: 'sésame:open', FLOOR: '3' };

test('an example may use the variables of its service, also as Basic credentials', async () => {
  const door = await serviceOf('door', document, () => ({ json: { keys: [] } }), env);
  expect(verdicts(await verify([door]))).toEqual(['examples passed', 'getKeys: staff passed']);
  const [request] = door.heard;
  const expected = `Basic ${Buffer.from('desk:sésame:open').toString('base64')}`;
  expect(request?.headers).toMatchObject({ authorization: expected, 'x-floor': '3' });
});

test('a secret among them is shown in no check', async () => {
  const reply = () => ({ status: 401, json: { error: 'not sésame:open' } });
  const door = await serviceOf('door', document, reply, env);
  const result = await verify([door]);
  expect(result.verdict).toBe('failed');
  const printed = JSON.stringify(result);
  expect(printed).not.toContain('sésame');
  expect(printed).not.toContain(Buffer.from('desk:sésame:open').toString('base64'));
});

test.each([
  ['env.DOOR_SECRET}', 'env.DOOR_SECRT}', 'api.yaml:7: door has no variable `DOOR_SECRT`'],
  ['basic: ', 'basik: ', 'api.yaml:7: `basik` names no part of a request'],
  [
    'x-set:',
    'x-given: { staff: [{ operation: getKeys, example: staff, as: env }] }\n      x-set:',
    'api.yaml:7: `env` is the name of the variables of the service',
  ],
])('writing %j as %j is told with its place', async (right, wrong, problem) => {
  const check = async () => {
    const contract = await contractOf(document.replace(right, wrong));
    const names = { present: ['door'], all: ['door'] };
    assertVerifiable([{ name: 'door', baseUrl: 'http://127.0.0.1:1', contract, env }], { only: [], names });
  };
  const error = await errorOf(check());
  expect(error).toMatchObject({ code: 'contract-invalid', exitCode: 2 });
  expect(problemsOf(error).filter((text) => text.startsWith(problem))).toHaveLength(1);
});
