import { wordsOf } from './words.mjs';

/** The first tests of a new service. */
export function testOf(name) {
  const { pascal, camel } = wordsOf(name);
  return `import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadContract } from '../../../services/kit/contract/index.ts';
import { create${pascal}App } from '../../../services/${name}/app.ts';
import { ask } from '../ask.ts';
import { type RunningService, startService } from '../start-service.ts';

let ${camel}: RunningService;
beforeAll(async () => {
  ${camel} = await startService('${name}', create${pascal}App);
});
afterAll(async () => {
  await ${camel}.stop();
});

it('has the routes that its OpenAPI document describes, and no others', async () => {
  const contract = await loadContract('${name}', undefined);
  expect([...${camel}.app.endpoints].sort()).toEqual([...contract.operations].sort());
});

it('keeps an item and answers it again', async () => {
  const url = \`\${${camel}.url}/api/${name}\`;
  const created = await ask('POST', url, { body: { name: 'First' } });
  expect(created.status).toBe(201);
  expect(created.headers.get('location')).toBe('/api/${name}/1');
  expect((await ask('GET', \`\${url}/1\`)).body).toEqual(created.body);
  expect((await ask('GET', url)).body).toMatchObject({ total: 1, items: [created.body] });
});

it('refuses an item without a name, and one that it does not have', async () => {
  const url = \`\${${camel}.url}/api/${name}\`;
  expect((await ask('POST', url, { body: {} })).status).toBe(400);
  expect((await ask('GET', \`\${url}/nothing\`)).status).toBe(404);
});
`;
}
