import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  type TestContractContext,
  testContract,
  type WithTopology,
} from '../../../src/cli/commands/test-contract.ts';
import { loadProject } from '../../../src/config/index.ts';
import { documentOf, errorOf, folderWith } from '../../contract/documents.ts';
import { startHttpService } from '../../contract/http-service.ts';

const document = documentOf(`paths:
  /health:
    get:
      operationId: getHealth
      responses:
        '200': { description: ok, content: { application/json: { schema: { type: object, required: [ok] } } } }
`);

function contextFor(folder: string, { json = false, signal = new AbortController().signal } = {}) {
  const printed: string[] = [];
  const context: TestContractContext = {
    stdout: {
      write: (text: string | Uint8Array) => {
        printed.push(String(text));
        return true;
      },
    },
    color: false,
    env: {},
    json,
    signal,
    loadProject: async () => loadProject({ file: join(folder, 'e2e.config.yaml'), env: {}, cwd: folder }),
  };
  return { context, printed };
}

const alreadyUp: WithTopology<TestContractContext> = (project, _, body) => body(project);
const neverUp: WithTopology<TestContractContext> = () => {
  throw new Error('nothing may be started');
};

const configOf = (url: string) =>
  `services: { shop: { url: '${url}', contract: api.yaml }, bare: { url: '${url}' } }\n`;

async function projectOf(url: string, config = configOf(url)) {
  return contextFor(await folderWith({ 'e2e.config.yaml': config, 'api.yaml': document }));
}

test('a kept contract is printed and ends with 0', async () => {
  const { url } = await startHttpService(() => ({ json: { ok: true } }));
  const { context, printed } = await projectOf(url);
  expect(await testContract({ services: [] }, context, alreadyUp)).toBe(0);
  expect(printed.join('')).toContain('✓ GET /health getHealth: default 200');
});

test('a broken contract ends with 1 and names operation and pointer', async () => {
  const { url } = await startHttpService(() => ({ json: { okay: true } }));
  const { context, printed } = await projectOf(url);
  expect(await testContract({ services: ['shop'] }, context, alreadyUp)).toBe(1);
  expect(printed.join('')).toContain(
    'shop#getHealth 200 application/json /ok the field `ok` is missing [required]',
  );
});

test('with --json one versioned document is printed', async () => {
  const { url } = await startHttpService(() => ({ json: { ok: true } }));
  const folder = await folderWith({ 'e2e.config.yaml': configOf(url), 'api.yaml': document });
  const { context, printed } = contextFor(folder, { json: true });
  await testContract({ services: [] }, context, alreadyUp);
  expect(JSON.parse(printed.join(''))).toMatchObject({
    schema: 'shopctl/contract/1',
    verdict: 'passed',
    failed: 0,
  });
});

test('a service is called where it is reached once it runs', async () => {
  const { url, heard } = await startHttpService(() => ({ json: { ok: true } }));
  const { context } = await projectOf('http://127.0.0.1:1');
  const movedTo: WithTopology<TestContractContext> = (project, _, body) =>
    body({
      ...project,
      services: project.services.map((service) =>
        service.kind === 'foreign' ? { ...service, url } : service,
      ),
    });
  expect(await testContract({ services: [] }, context, movedTo)).toBe(0);
  expect(heard).toHaveLength(1);
});

test.each([
  [['shpo'], 'the topology default has no service `shpo`', 'did you mean `shop`?'],
  [['bare'], 'there is nothing to verify: bare has no contract', undefined],
])('the choice %j ends with 2 before anything is started', async (services, message, hint) => {
  const { context } = await projectOf('http://127.0.0.1:1');
  const error = await errorOf(testContract({ services }, context, neverUp));
  expect(error).toMatchObject({ exitCode: 2, message, ...(hint === undefined ? {} : { hint }) });
});

test('a topology without any contract ends with 2 and the remedy', async () => {
  const { context } = await projectOf('', "services: { bare: { url: 'http://127.0.0.1:1' } }\n");
  const error = await errorOf(testContract({ services: [] }, context, neverUp));
  expect(error).toMatchObject({
    exitCode: 2,
    message: 'there is nothing to verify: no service of this topology has a contract',
  });
  expect(error.hint).toContain('contract: FILE');
});

test('a document that is not valid ends with 2 before anything is started', async () => {
  const folder = await folderWith({
    'e2e.config.yaml': configOf('http://127.0.0.1:1'),
    'api.yaml': document.replace(
      'operationId: getHealth',
      'operationId: getHealth\n      x-given: { default: [{ operation: gone }] }',
    ),
  });
  const error = await errorOf(testContract({ services: [] }, contextFor(folder).context, neverUp));
  expect(error).toMatchObject({ code: 'contract-invalid', exitCode: 2 });
  expect(error.problems[0]?.place).toMatchObject({ line: 7 });
});

test('a service that cannot be reached ends with 3', async () => {
  const { context } = await projectOf('http://127.0.0.1:1');
  const error = await errorOf(testContract({ services: [] }, context, alreadyUp));
  expect(error).toMatchObject({ code: 'service-unreachable', exitCode: 3 });
});

test('an interrupted run ends with 130', async () => {
  const folder = await folderWith({
    'e2e.config.yaml': configOf('http://127.0.0.1:1'),
    'api.yaml': document,
  });
  const { context } = contextFor(folder, { signal: AbortSignal.abort() });
  expect(await errorOf(testContract({ services: [] }, context, alreadyUp))).toMatchObject({ exitCode: 130 });
});
