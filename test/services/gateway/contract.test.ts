import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { routingTable } from '../../../services/gateway/routing-table.ts';
import { loadContract } from '../../../services/kit/contract/index.ts';
import { startGateway } from './start-gateway.ts';

const file = new URL('../../../contracts/openapi/gateway.yaml', import.meta.url);

describe('the OpenAPI document of the gateway', () => {
  it('describes what the gateway answers itself, and nothing else', async () => {
    const contract = await loadContract('gateway', undefined);
    const { app } = await startGateway({});
    expect([...app.endpoints].sort()).toEqual([...contract.operations].sort());
  });

  it('tells the routes that the gateway has, and no others', async () => {
    const document = parse(await readFile(file, 'utf8'));
    const told = routingTable.map(({ path, service, upstreamPath }) => ({
      path,
      service,
      ...(upstreamPath === undefined ? {} : { as: upstreamPath }),
    }));
    expect(document['x-passed-on'].routes).toEqual(told);
  });
});
