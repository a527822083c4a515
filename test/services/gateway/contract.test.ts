import { describe, expect, it } from 'vitest';
import { loadContract } from '../../../services/kit/contract/index.ts';
import { startGateway } from './start-gateway.ts';

describe('the OpenAPI document of the gateway', () => {
  it('describes what the gateway answers itself, and nothing else', async () => {
    const contract = await loadContract('gateway', undefined);
    const { app } = await startGateway({});
    expect([...app.endpoints].sort()).toEqual([...contract.operations].sort());
  });
});
