import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createContractChecker } from '../../../src/contract/index.ts';
import { loadContract } from '../../../src/contract/openapi/load.ts';
import { contractOf, documentOf, errorOf, exchangeOf, folderWith, problemsOf } from '../documents.ts';

async function loadError(files: Readonly<Record<string, string>>) {
  const folder = await folderWith(files);
  return errorOf(loadContract(join(folder, 'api.yaml'), folder));
}

test('a document in JSON is read like one in YAML', async () => {
  const json = { openapi: '3.0.3', info: { title: 't', version: '1' }, paths: {} };
  const folder = await folderWith({ 'api.yaml': JSON.stringify(json) });
  expect(await loadContract(join(folder, 'api.yaml'), folder)).toMatchObject({
    version: '3.0',
    operations: [],
  });
});

test('an operation without operationId is called by its method and path', async () => {
  const { operations } = await contractOf(
    "paths: { /a: { get: { responses: { '200': { description: ok } } } } }",
  );
  expect(operations.map(({ id }) => id)).toEqual(['GET /a']);
});

test('what OpenAPI forbids is an error at the line that breaks it', async () => {
  const error = await loadError({
    'api.yaml': documentOf(
      `paths:
  /a:
    get:
      operationId: a
      parameters:
        - { name: ok, in: query, schema: { type: string } }
        - { name: bad, in: query }
      responses:
        '200': { content: {} }
`,
    ),
  });
  expect(error.code).toBe('contract-invalid');
  expect(error.exitCode).toBe(2);
  expect(problemsOf(error)).toEqual([
    "api.yaml:9: must have required property 'schema'",
    "api.yaml:11: must have required property 'description'",
  ]);
});

test('what is wrong behind a reference is shown where it is written', async () => {
  const error = await loadError({
    'api.yaml': documentOf(`paths:
  /a: { get: { responses: { '200': { $ref: '#/components/responses/Ok' } } } }
components:
  responses:
    Ok:
      content: {}
`),
  });
  expect(problemsOf(error)[0]).toBe("api.yaml:8: must have required property 'description'");
});

test('a reference that goes round in a circle is an error, not a hang', async () => {
  const error = await loadError({
    'api.yaml': documentOf(`paths:
  /a: { get: { responses: { '200': { $ref: '#/components/responses/A' } } } }
components:
  responses:
    A: { $ref: '#/components/responses/B' }
    B: { $ref: '#/components/responses/A' }
`),
  });
  expect(problemsOf(error)).toEqual(['api.yaml:4: this reference leads nowhere']);
});

test('a repeated operationId is an error', async () => {
  const operation = "get: { operationId: twice, responses: { '200': { description: ok } } }";
  const error = await loadError({
    'api.yaml': documentOf(`paths:\n  /a: { ${operation} }\n  /b: { ${operation} }\n`),
  });
  expect(error.problems[0]?.message).toContain('twice');
});

test.each([
  ['no version', 'info: { title: t }\n', 'there is no `openapi` version here'],
  ['Swagger 2.0', "swagger: '2.0'\n", 'there is no `openapi` version here'],
  ['a version that is not read', 'openapi: 4.0.0\n', 'OpenAPI 4.0.0 is not read here'],
])('a document with %s is refused', async (_, text, message) => {
  expect(problemsOf(await loadError({ 'api.yaml': text }))).toEqual([`api.yaml:1: ${message}`]);
});

test('broken YAML is an error with its place', async () => {
  const error = await loadError({ 'api.yaml': 'openapi: 3.1.0\npaths: [\n' });
  expect(error.code).toBe('yaml-syntax');
  expect(error.problems[0]?.place?.file).toBe('api.yaml');
});

test('a document that is not there is an error that names it', async () => {
  const folder = await folderWith({});
  const error = await errorOf(loadContract(join(folder, 'none.yaml'), folder));
  expect(error.code).toBe('file-unreadable');
  expect(error.message).toContain('none.yaml');
});

test('a reference to nothing is an error', async () => {
  const error = await loadError({
    'api.yaml': documentOf(
      "paths: { /a: { get: { responses: { '200': { $ref: '#/components/responses/Gone' } } } } }",
    ),
  });
  expect(error.code).toBe('contract-invalid');
  expect(error.problems[0]?.message).toContain('Gone');
});

const withSchema = (reference: string) =>
  documentOf(`paths:
  /a:
    get:
      operationId: a
      responses:
        '200':
          description: ok
          content: { application/json: { schema: { $ref: '${reference}' } } }
`);

test('references to files below the folder of the document are followed', async () => {
  const folder = await folderWith({
    'api.yaml': withSchema('./parts/user.yaml#/User'),
    'parts/user.yaml':
      'User: { type: object, required: [name], properties: { name: { $ref: "./name.yaml" } } }',
    'parts/name.yaml': 'type: string',
  });
  const contract = await loadContract(join(folder, 'api.yaml'), folder);
  const checker = createContractChecker([{ name: 's', baseUrl: 'http://127.0.0.1:1', contract }]);
  expect(checker.check(exchangeOf({ url: 'http://127.0.0.1:1/a', json: { name: 1 } }))).toMatchObject([
    { rule: 'type', pointer: '/name' },
  ]);
  expect(checker.check(exchangeOf({ url: 'http://127.0.0.1:1/a', json: { name: 'x' } }))).toEqual([]);
});

test.each(['https://example.com/user.yaml', 'file:///etc/hosts', '//example.com/user.yaml'])(
  'the reference %s is refused: nothing is fetched',
  async (reference) => {
    const error = await loadError({ 'api.yaml': withSchema(reference) });
    expect(problemsOf(error)).toEqual([
      `api.yaml:10: the reference ${reference} leads over the network, which is never followed`,
    ]);
  },
);

test('a reference out of the folder of the document is refused, by symbolic link too', async () => {
  const folder = await folderWith({ 'secret.yaml': 'type: string' });
  await mkdir(join(folder, 'api'));
  await symlink('../secret.yaml', join(folder, 'api', 'link.yaml'));
  for (const reference of ['../secret.yaml', './link.yaml']) {
    await writeFile(join(folder, 'api', 'api.yaml'), withSchema(reference));
    const error = await errorOf(loadContract(join(folder, 'api', 'api.yaml'), folder));
    expect(problemsOf(error)).toEqual([
      `api/api.yaml:10: the reference ${reference} leaves the folder of the document`,
    ]);
  }
});

test('a reference to a file that is not there is refused at its place', async () => {
  const error = await loadError({ 'api.yaml': withSchema('./gone.yaml') });
  expect(problemsOf(error)[0]).toMatch(
    /^api\.yaml:10: the reference \.\/gone\.yaml cannot be followed: ENOENT/,
  );
});
