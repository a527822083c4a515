import { expect, test } from 'vitest';
import { createContractChecker } from '../../src/contract/index.ts';
import { contractOf, errorOf, exchangeOf } from './documents.ts';

const BASE = 'http://127.0.0.1:4010';

const body = `
paths:
  /orders/{id}:
    get:
      operationId: getOrder
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses:
        '200':
          description: ok
          headers:
            ETag: { required: true, schema: { type: string } }
            X-Total: { schema: { type: integer, minimum: 1 } }
          content:
            application/json: { schema: { $ref: '#/components/schemas/Order' } }
            text/csv: { schema: { type: string, pattern: '^id,' } }
        '204': { description: nothing }
        '304': { description: unchanged, content: { application/json: { schema: false } } }
        4XX:
          description: refused
          content: { application/problem+json: { schema: { type: object, required: [title] } } }
        default:
          description: broken
          content: { application/*: { schema: { type: object, required: [fault] } } }
  /any:
    get:
      operationId: getAny
      responses: { '200': { description: ok, content: { application/json: {} } } }
  /ping:
    get:
      operationId: ping
      responses: { '200': { description: ok } }
components:
  schemas:
    Order:
      type: object
      additionalProperties: false
      required: [id, status]
      properties:
        id: { type: string, format: uuid }
        status: { enum: [created, paid] }
        note: { type: [string, 'null'] }
        parts: { type: array, items: { $ref: '#/components/schemas/Order' } }
`;

const order = { id: '0198c0de-0000-7000-8000-000000000001', status: 'paid', note: null };
const good = { url: `${BASE}/orders/1`, headers: { etag: 'a' }, json: order };
const plain = { url: `${BASE}/orders/1` };
const problem = { 'content-type': 'application/problem+json' };

async function checkerOf(baseUrl = BASE) {
  return createContractChecker([{ name: 'orders', baseUrl, contract: await contractOf(body) }]);
}

test.each([
  ['a body that fits', good],
  ['a nested body that fits', { ...good, json: { ...order, parts: [order] } }],
  ['another name of the same machine', { ...good, url: 'http://localhost:4010/orders/1?x=1' }],
  [
    'another documented media type',
    { ...plain, headers: { etag: 'a', 'content-type': 'text/csv' }, text: 'id,status' },
  ],
  ['a status by its range', { ...plain, status: 404, headers: problem, json: { title: 'no' } }],
  ['a status by default, a media type by its range', { ...good, status: 500, json: { fault: 1 } }],
  ['no body where none is documented', { ...plain, status: 204 }],
  ['304 without the body of the document', { ...plain, status: 304 }],
  ['the answer to HEAD, which has no body', { ...good, method: 'HEAD', text: '' }],
  ['a typed header that fits', { ...good, headers: { etag: 'a', 'x-total': '3' } }],
  ['an undocumented path that is refused', { url: `${BASE}/nowhere`, status: 404, text: 'no' }],
  ['an undocumented method that is refused', { url: `${BASE}/ping`, method: 'POST', status: 405 }],
  ['a preflight request', { url: `${BASE}/ping`, method: 'OPTIONS', status: 204 }],
  ['a service without contract', { url: 'http://127.0.0.1:4011/orders/1', json: 1 }],
])('%s breaks nothing', async (_, answer) => {
  expect((await checkerOf()).check(exchangeOf(answer))).toEqual([]);
});

test.each([
  ['a missing field', { ...good, json: { id: order.id } }, 'required', '/status'],
  [
    'a field that is not documented',
    { ...good, json: { ...order, 'a/b': 1 } },
    'additionalProperties',
    '/a~1b',
  ],
  ['a value of another type', { ...good, json: { ...order, note: 1 } }, 'type', '/note'],
  ['a value outside of its list', { ...good, json: { ...order, status: 'x' } }, 'enum', '/status'],
  ['a text of another format', { ...good, json: { ...order, id: '1' } }, 'format', '/id'],
  [
    'a fault deep inside',
    { ...good, json: { ...order, parts: [order, { ...order, id: 1 }] } },
    'type',
    '/parts/1/id',
  ],
  ['an error without its field', { ...plain, status: 409, headers: problem, json: {} }, 'required', '/title'],
  [
    'a text that does not match',
    { ...good, headers: { etag: 'a', 'content-type': 'text/csv' }, text: 'no' },
    'pattern',
    '',
  ],
])('%s is found with rule and pointer', async (_, answer, rule, pointer) => {
  const findings = (await checkerOf()).check(exchangeOf(answer));
  expect(findings.map((finding) => [finding.rule, finding.pointer])).toEqual([[rule, pointer]]);
});

test.each([
  ['an undocumented path that is answered', { url: `${BASE}/nowhere`, json: 1 }, 'undocumented-operation'],
  ['an undocumented method that is answered', { ...good, method: 'DELETE' }, 'undocumented-operation'],
  ['an undocumented status', { url: `${BASE}/ping`, status: 201 }, 'undocumented-status'],
  [
    'an undocumented media type',
    { ...good, headers: { etag: 'a', 'content-type': 'text/html' } },
    'undocumented-media-type',
  ],
  ['a body without media type', { ...plain, headers: { etag: 'a' }, text: '{}' }, 'undocumented-media-type'],
  [
    'a suffixed type where the plain one is documented',
    { ...good, headers: { etag: 'a', 'content-type': 'application/hal+json' } },
    'undocumented-media-type',
  ],
  ['a body where none is documented', { url: `${BASE}/ping`, json: 1 }, 'undocumented-body'],
  ['a body of 204', { ...plain, status: 204, text: 'x' }, 'undocumented-body'],
  ['no body where one is documented', { ...plain, headers: { etag: 'a' } }, 'missing-body'],
  [
    'no body where one is announced',
    { ...plain, headers: { etag: 'a', 'content-type': 'application/json' }, text: '' },
    'missing-body',
  ],
  [
    'a body that is no JSON where JSON without a schema is documented',
    { url: `${BASE}/any`, headers: { 'content-type': 'application/json' }, text: '{' },
    'malformed-json',
  ],
  ['a missing header', { ...plain, json: order }, 'missing-header'],
  ['a header that does not fit', { ...good, headers: { etag: 'a', 'x-total': '0' } }, 'minimum'],
  ['a header of another type', { ...good, headers: { etag: 'a', 'x-total': 'many' } }, 'type'],
  [
    'a body that is no JSON',
    { ...plain, headers: { etag: 'a', 'content-type': 'application/json' }, text: '{' },
    'malformed-json',
  ],
  ['a body that was cut', { ...good, truncated: true }, 'body-truncated'],
])('%s is a finding', async (_, answer, rule) => {
  const findings = (await checkerOf()).check(exchangeOf(answer));
  expect(findings.map((finding) => finding.rule)).toEqual([rule]);
});

test('a renamed field is found twice, as missing and as unknown, with the operation named', async () => {
  const { status, ...rest } = order;
  expect((await checkerOf()).check(exchangeOf({ ...good, json: { ...rest, state: status } }))).toEqual([
    {
      rule: 'required',
      message: 'the field `status` is missing',
      subject: 'orders#getOrder 200 application/json',
      pointer: '/status',
    },
    {
      rule: 'additionalProperties',
      message: 'the field `state` is not documented',
      subject: 'orders#getOrder 200 application/json',
      pointer: '/state',
    },
  ]);
});

test('an exchange without answer breaks no contract', async () => {
  const checker = await checkerOf();
  const failure = { kind: 'refused', message: 'no' } as const;
  const { request, startedAtMs, durationMs } = exchangeOf(good);
  expect(checker.check({ request, startedAtMs, durationMs, failure })).toEqual([]);
  expect(checker.coverage().operationsSeen).toBe(0);
});

test('of several services the one with the longest base URL judges', async () => {
  const contract = await contractOf(body);
  const checker = createContractChecker([
    { name: 'outer', baseUrl: BASE, contract },
    { name: 'inner', baseUrl: `${BASE}/shop/`, contract },
  ]);
  const subjects = [`${BASE}/shop/ping`, `${BASE}/shopping`, `${BASE}/ping`].map(
    (url) => checker.check(exchangeOf({ url, status: 201 }))[0]?.subject,
  );
  expect(subjects).toEqual(['inner#ping 201', 'outer GET /shopping 201', 'outer#ping 201']);
});

test('coverage counts documented answers that were seen, each once', async () => {
  const checker = await checkerOf();
  for (const answer of [good, good, { ...plain, status: 404, headers: problem, json: { title: 'x' } }]) {
    checker.check(exchangeOf(answer));
  }
  checker.check(exchangeOf({ url: `${BASE}/ping`, status: 201 }));
  const { operations, ...counts } = checker.coverage();
  expect(counts).toEqual({ operationsSeen: 1, statusesSeen: 2, statusesDocumented: 7 });
  expect(operations[0]?.statuses.filter(({ seen }) => seen).map(({ status }) => status)).toEqual([
    '200',
    '4XX',
  ]);
});

test('a schema that cannot be compiled is an error at its place, not a verdict', async () => {
  const contract = await contractOf(`
paths:
  /a:
    get:
      operationId: a
      responses:
        '200': { description: ok, content: { application/json: { schema: { type: string, pattern: '(' } } } }
`);
  const checker = createContractChecker([{ name: 's', baseUrl: BASE, contract }]);
  const error = await errorOf(
    Promise.resolve().then(() => checker.check(exchangeOf({ url: `${BASE}/a`, json: 'x' }))),
  );
  expect(error.code).toBe('contract-invalid');
  expect(error.problems[0]?.place?.line).toBe(9);
});

const version30 = `
paths:
  /a:
    get:
      operationId: a
      responses:
        default:
          description: ok
          content:
            application/json:
              schema:
                type: object
                required: [limit, name, secret]
                properties:
                  limit: { type: number, minimum: 0, exclusiveMinimum: true }
                  name: { type: string, nullable: true }
                  secret: { type: string, writeOnly: true }
                  nullable: { $ref: '#/components/schemas/Flag' }
components: { schemas: { Flag: { type: boolean } } }
`;

test.each([
  [{ limit: 1, name: null }, []],
  [{ limit: 1, name: 'x', nullable: true }, []],
  [{ limit: 0, name: 'x' }, ['/limit']],
  [{ limit: 1, name: 2 }, ['/name']],
  [{ limit: 1, name: 'x', nullable: 1 }, ['/nullable']],
])('OpenAPI 3.0 means what it says about %j', async (json, pointers) => {
  const checker = createContractChecker([
    { name: 's', baseUrl: BASE, contract: await contractOf(version30, '3.0.3') },
  ]);
  const findings = checker.check(exchangeOf({ url: `${BASE}/a`, json }));
  expect(findings.map(({ pointer }) => pointer)).toEqual(pointers);
});

const unions = `
paths:
  /a:
    get:
      operationId: a
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema:
                type: object
                properties:
                  maybe: { anyOf: [{ $ref: '#/components/schemas/Named' }, { type: 'null' }] }
                  scalar: { oneOf: [{ type: string }, { type: integer }] }
                  several: { oneOf: [{ minimum: 1 }, { maximum: 9 }] }
components: { schemas: { Named: { type: object, required: [name], properties: { name: { type: string } } } } }
`;

test.each([
  [{ maybe: { name: 'x' }, scalar: 1, several: 0 }, []],
  [{ maybe: null, scalar: 'x', several: 10 }, []],
  [{ maybe: {} }, ['required /maybe/name']],
  [{ maybe: { name: 1 } }, ['type /maybe/name']],
  [{ maybe: 7 }, ['anyOf /maybe']],
  [{ scalar: true }, ['oneOf /scalar']],
  [{ several: 5 }, ['oneOf /several']],
])('alternatives are told apart: %j', async (json, expected) => {
  const checker = createContractChecker([{ name: 's', baseUrl: BASE, contract: await contractOf(unions) }]);
  const findings = checker.check(exchangeOf({ url: `${BASE}/a`, json }));
  expect(findings.map(({ rule, pointer }) => `${rule} ${pointer}`)).toEqual(expected);
});
