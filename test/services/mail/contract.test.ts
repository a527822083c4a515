import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { loadContract } from '../../../src/contract/openapi/load.ts';
import { verdicts, verify } from '../../contract/verify/verification.ts';
import { startMail } from './start-mail.ts';

const folder = fileURLToPath(new URL('../../../contracts/openapi/', import.meta.url));

it('mail keeps its contract, and has no route that is not in it', async () => {
  const mail = await startMail();
  onTestFinished(mail.stop);
  const contract = await loadContract(`${folder}mail.yaml`, folder);
  const result = await verify([{ name: 'mail', baseUrl: mail.url, contract }]);
  expect(verdicts(result).filter((verdict) => !verdict.endsWith('passed'))).toEqual([]);
  expect(result.warnings).toEqual([]);
  expect(result.coverage.operationsSeen).toBe(result.coverage.operations.length);
  expect([...mail.app.endpoints].sort()).toEqual(JSON.parse((await mail.get('/')).text).endpoints.sort());
});
