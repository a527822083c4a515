import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { wordsOf } from './words.mjs';

const sharedSchemas = [
  'Id',
  'Timestamp',
  'ServiceDescription',
  'Availability',
  'Health',
  'Readiness',
  'Liveness',
  'Problem',
];
const problem = (examples) => ({
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' }, examples } },
});
const shared = (kind, name) => ({ $ref: `#/components/${kind}/${name}` });
/** Routes take an access token where tokens are in use. */
const refusals = { 401: shared('responses', 'Unauthenticated'), 503: shared('responses', 'Unavailable') };

/**
 * The OpenAPI document of a new service. What every service answers is taken from that of users, so that it is written
 * down once.
 */
export function contractOf(root, name, port) {
  const model = parse(readFileSync(join(root, 'contracts', 'openapi', 'users.yaml'), 'utf8'));
  const { components } = model;
  const schemas = pick(components.schemas, sharedSchemas);
  delete schemas.Problem.properties.balance;
  schemas.ServiceDescription.properties.name.const = name;
  schemas.Health.properties.name.const = name;
  delete schemas.Health.properties.dependencies.properties.auth;
  const parameters = pick(components.parameters, ['Id', 'Limit', 'Offset']);
  const headers = pick(components.headers, ['Location', 'RetryAfter', 'Challenge']);
  const responses = pick(components.responses, [
    'BadRequest',
    'PayloadTooLarge',
    'UnsupportedMediaType',
    'Unauthenticated',
    'Unavailable',
  ]);
  const document = {
    openapi: model.openapi,
    info: {
      title: name,
      version: model.info.version,
      description: `The ${name} service.`,
      license: model.info.license,
    },
    servers: [{ url: `http://127.0.0.1:${port}` }],
    tags: [
      { name, description: `What the ${name} service is for.` },
      model.tags.find((tag) => tag.name === 'service'),
    ],
    paths: { ...itemPaths(wordsOf(name)), ...commonPaths(model.paths, name) },
    components: { schemas: { ...itemSchemas, ...schemas }, parameters, headers, responses },
  };
  return stringify(document, { lineWidth: 120, aliasDuplicateObjects: false });
}

function pick(from, names) {
  return Object.fromEntries(names.map((name) => [name, from[name]]));
}

function commonPaths(paths, name) {
  const isCommon = (operations) => Object.values(operations).every(({ tags }) => tags.includes('service'));
  const common = Object.fromEntries(Object.entries(paths).filter(([, operations]) => isCommon(operations)));
  return JSON.parse(JSON.stringify(common), (key, value) => {
    if (key === 'name' && value === 'users') return name;
    return typeof value === 'string' ? value.replace('service="users"', `service="${name}"`) : value;
  });
}

const item = (id) => ({ id, name: 'First', created_at: '2026-01-01T00:00:00.000Z' });

function itemPaths({ name, pascal }) {
  const path = `/api/${name}`;
  const invalid = (pointer, message) => ({
    type: 'urn:shop:problem:invalid-request',
    title: 'The request is not valid',
    status: 400,
    detail: `${pointer}: ${message}`,
    instance: path,
    errors: [{ pointer, message }],
  });
  const listItems = {
    operationId: `list${pascal}`,
    summary: 'List items, oldest first',
    tags: [name],
    parameters: [
      {
        name: 'limit',
        in: 'query',
        description: 'How many to answer at most.',
        schema: { type: 'integer', minimum: 1, maximum: 500, default: 100 },
        examples: { page: { value: 2 }, 'too-many': { value: 501 } },
      },
      shared('parameters', 'Offset'),
    ],
    responses: {
      200: answer('One page of items.', 'ItemList', {
        page: { value: { items: [item('1')], total: 1, limit: 2, offset: 0 } },
      }),
      400: {
        description: 'A query parameter does not fit.',
        ...problem({ 'too-many': { value: invalid('query/limit', 'must be <= 500') } }),
      },
      ...refusals,
    },
  };
  const newItem = { $ref: '#/components/schemas/NewItem' };
  const createItem = {
    operationId: `create${pascal}Item`,
    summary: 'Create an item',
    tags: [name],
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: newItem,
          examples: { first: { value: { name: 'First' } }, nameless: { value: {} } },
        },
      },
    },
    responses: {
      201: {
        headers: { Location: shared('headers', 'Location') },
        ...answer('The item was created.', 'Item', { first: { value: item('1') } }),
      },
      400: {
        description: 'The body does not fit.',
        ...problem({ nameless: { value: invalid('#/name', 'is required') } }),
      },
      413: shared('responses', 'PayloadTooLarge'),
      415: shared('responses', 'UnsupportedMediaType'),
      ...refusals,
    },
  };
  return { [path]: { get: listItems, post: createItem }, [`${path}/{id}`]: { get: getItem(name, pascal) } };
}

function getItem(name, pascal) {
  return {
    operationId: `get${pascal}Item`,
    summary: 'One item',
    tags: [name],
    'x-given': { found: [{ operation: `create${pascal}Item`, example: 'first', as: 'item' }] },
    'x-set': { found: { 'path/id': '$item.id' } },
    parameters: [
      {
        name: 'id',
        in: 'path',
        required: true,
        schema: shared('schemas', 'Id'),
        examples: { found: { value: '1' }, unknown: { value: 'nothing' } },
      },
    ],
    responses: {
      200: answer('The item.', 'Item', { found: { value: item('1') } }),
      400: shared('responses', 'BadRequest'),
      404: {
        description: 'There is no such item.',
        ...problem({
          unknown: {
            value: {
              type: 'urn:shop:problem:unknown-item',
              title: 'There is no such item',
              status: 404,
              detail: 'There is no item with the id "nothing".',
              instance: `/api/${name}/nothing`,
            },
          },
        }),
      },
      ...refusals,
    },
  };
}

function answer(description, schema, examples) {
  return { description, content: { 'application/json': { schema: shared('schemas', schema), examples } } };
}

const object = (properties) => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties),
  properties,
});
const itemName = { type: 'string', minLength: 1, maxLength: 200 };
const itemSchemas = {
  Item: object({ id: shared('schemas', 'Id'), name: itemName, created_at: shared('schemas', 'Timestamp') }),
  NewItem: object({ name: itemName }),
  ItemList: object({
    items: { type: 'array', maxItems: 500, items: shared('schemas', 'Item') },
    total: { type: 'integer', minimum: 0 },
    limit: { type: 'integer', minimum: 1 },
    offset: { type: 'integer', minimum: 0 },
  }),
};
