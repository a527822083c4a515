import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadContract } from '../../services/kit/contract/index.ts';
import { type Answered, ask } from './ask.ts';
import { type Shop, startShop, testSecret } from './start-shop.ts';

interface Given {
  operation: string;
  example: string;
  as: string;
  set?: Record<string, string>;
}
interface Media {
  schema: object;
  examples?: Record<string, { value: unknown }>;
}
interface Operation {
  operationId: string;
  parameters?: { name?: string; in?: string; examples?: Record<string, { value: unknown }> }[];
  requestBody?: { content: Record<string, { examples?: Record<string, { value: object }> }> };
  responses: Record<string, { content?: Record<string, Media> }>;
  'x-given'?: Record<string, Given[]>;
  'x-needs'?: Record<string, string[]>;
  'x-set'?: Record<string, Record<string, string>>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
}
interface Placed {
  service: ServiceName;
  method: string;
  path: string;
  operation: Operation;
}

const names = ['auth', 'users', 'orders', 'payments'] as const;
type ServiceName = (typeof names)[number];
const documents = new Map<string, Document>();
for (const name of names) {
  documents.set(
    name,
    parse(await readFile(new URL(`../../contracts/openapi/${name}.yaml`, import.meta.url), 'utf8')),
  );
}
const operations: Placed[] = names.flatMap((service) =>
  Object.entries(documents.get(service)?.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ service, method, path, operation })),
  ),
);

const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
for (const [name, document] of documents) ajv.addSchema(document, name);

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(async () => {
  await shop.stop();
});

let count = 0;
type Bindings = Record<string, Record<string, unknown>>;

function read(text: string, bindings: Bindings): unknown {
  if (text.includes('${')) {
    return text.replaceAll(/\$\{([^}]*)\}/g, (_, reference: string) => `${read(`$${reference}`, bindings)}`);
  }
  if (text === '$unique') {
    count += 1;
    return `unique-${count}`;
  }
  if (!text.startsWith('$')) return text;
  const [binding = '', member = ''] = text.slice(1).split('.');
  const value = bindings[binding]?.[member];
  expect(value, text).toBeDefined();
  return value;
}

function assigned(at: string, value: unknown): [string, unknown] {
  if (at !== 'basic') return [at, value];
  return ['header/authorization', `Basic ${Buffer.from(String(value)).toString('base64')}`];
}

function givenOperation(service: ServiceName, { operation }: Given): Placed {
  const [owner, id] = operation.includes('#') ? operation.split('#') : [service, operation];
  const other = operations.find((one) => one.service === owner && one.operation.operationId === id);
  if (other === undefined) throw new Error(`${operation} is given but not documented`);
  return other;
}

/** Whether this shop, which has neither tokens nor stock, lacks what the example or a call before it needs. */
function isOfAnotherShop({ service, operation }: Placed, example: string): boolean {
  const needs = operation['x-needs']?.[example] ?? [];
  if (needs.some((need) => !['users', 'orders', 'payments'].includes(need))) return true;
  const given = operation['x-given']?.[example] ?? [];
  return given.some((one) => isOfAnotherShop(givenOperation(service, one), one.example));
}

/** Plays what is given for an example, and answers what to change in the example itself. */
async function prepare({ service, operation }: Placed, example: string): Promise<Record<string, unknown>> {
  const bindings: Bindings = { env: { SERVICE_SECRET: testSecret } };
  const resolve = (set: Record<string, string> | undefined) =>
    Object.fromEntries(Object.entries(set ?? {}).map(([at, text]) => assigned(at, read(text, bindings))));
  for (const given of operation['x-given']?.[example] ?? []) {
    const other = givenOperation(service, given);
    bindings[given.as] = (await play(other, given.example, resolve(given.set))).body;
  }
  return resolve(operation['x-set']?.[example]);
}

/** Plays an example of an operation: what is given for it first, then its own request. */
async function play(placed: Placed, example: string, set: Record<string, unknown> = {}): Promise<Answered> {
  const { service, method, path, operation } = placed;
  const changes = { ...(await prepare(placed, example)), ...set };
  let url = path;
  const query = new URLSearchParams();
  for (const parameter of operation.parameters ?? []) {
    const value = changes[`${parameter.in}/${parameter.name}`] ?? parameter.examples?.[example]?.value;
    if (parameter.in === 'path') url = url.replace(`{${parameter.name}}`, encodeURIComponent(String(value)));
    else if (value !== undefined) query.set(`${parameter.name}`, String(value));
  }
  const written = operation.requestBody?.content['application/json']?.examples?.[example]?.value;
  const changed = Object.entries(changes).filter(([at]) => at.startsWith('body/'));
  const body = {
    ...written,
    ...Object.fromEntries(changed.map(([at, value]) => [at.slice('body/'.length), value])),
  };
  const headers = Object.fromEntries(
    Object.entries(changes).flatMap(([at, value]) =>
      at.startsWith('header/') ? [[at.slice('header/'.length), String(value)]] : [],
    ),
  );
  const question = { headers, ...(written === undefined ? {} : { body }) };
  return await ask(method.toUpperCase(), `${shop[service].url}${url}?${query}`, question);
}

const documentedAnswers = operations.flatMap((placed) =>
  Object.entries(placed.operation.responses).flatMap(([status, response]) =>
    Object.entries(response.content ?? {}).flatMap(([type, media]) =>
      Object.keys(media.examples ?? {})
        .filter((example) => !isOfAnotherShop(placed, example))
        .map((example) => ({ placed, status, type, example })),
    ),
  ),
);

describe.each(names)('the OpenAPI document of %s', (name) => {
  it('describes the routes that the service has, and no others', async () => {
    const contract = await loadContract(name, undefined);
    expect([...shop[name].app.endpoints].sort()).toEqual([...contract.operations].sort());
  });
});

describe('every documented example', () => {
  const cases = documentedAnswers.map((one) => ({
    ...one,
    title: `${one.placed.service}#${one.placed.operation.operationId} "${one.example}" answers ${one.status}`,
  }));
  it.each(cases)('$title', async ({ placed, status, type, example }) => {
    const answered = await play(placed, example);
    expect(answered.status, answered.text).toBe(Number(status));
    expect(answered.headers.get('content-type')).toContain(type);
    const pointer = ['paths', placed.path, placed.method, 'responses', status, 'content', type, 'schema']
      .map((token) => encodeURIComponent(token.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    const validate = ajv.compile({ $ref: `${placed.service}#/${pointer}` });
    validate(type.includes('json') ? answered.body : answered.text);
    expect(validate.errors ?? []).toEqual([]);
  });
});
