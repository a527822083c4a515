import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { loadContract } from '../../../../services/kit/contract/index.ts';
import type { Access } from '../../../../services/kit/identity/index.ts';
import {
  createApp,
  openStore,
  type Route,
  route,
  type ServiceParts,
} from '../../../../services/kit/index.ts';
import { type RunningService, startService, temporaryFolder } from '../../start-service.ts';

const common = ['/', '/health', '/healthz', '/livez', '/metrics'];
const accesses = ['public', 'optional', 'user', 'service', 'admin'] as const;
const operation = { responses: {} };
const document = {
  openapi: '3.1.0',
  info: { title: 'guarded', version: '1' },
  paths: {
    ...Object.fromEntries([...common, '/default'].map((path) => [path, { get: operation }])),
    ...Object.fromEntries(accesses.map((access) => [`/${access}`, { get: operation }])),
    '/write': {
      post: {
        ...operation,
        requestBody: { content: { 'application/json': { schema: { type: 'object', required: ['a'] } } } },
      },
    },
  },
};

/** A service with one route of each access that answers who asked, and `POST /write`, which takes a body. */
export async function startGuarded(
  options: Partial<Parameters<typeof startService>[2]>,
): Promise<RunningService> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'guarded.yaml'), stringify(document));
  const contract = await loadContract('guarded', folder);
  const answerWho = (path: string, access?: Access): Route =>
    route('GET', path, async ({ identity }) => ({ status: 200, body: identity }), access && { access });
  const create = async (parts: ServiceParts) =>
    createApp({
      name: 'guarded',
      contract,
      routes: [
        answerWho('/default'),
        ...accesses.map((access) => answerWho(`/${access}`, access)),
        route('POST', '/write', async () => ({ status: 200, body: {} })),
      ],
      store: await openStore({ ...parts, migrations: [] }),
      log: parts.log,
      tracer: parts.tracer,
      guard: parts.guard,
      simulation: parts,
    });
  const service = await startService('users', create, { ...options, folder });
  onTestFinished(service.stop);
  return service;
}
