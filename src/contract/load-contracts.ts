import { baseUrl, type Project } from '../config/project.ts';
import { loadContract } from './openapi/load.ts';
import type { ContractService } from './service.ts';

/**
 * The contracts of all services of a project that have one and that listen somewhere.
 *
 * @param cwd where the user stands; file names in errors are relative to it
 * @param env the environment that services inherit
 * @throws ShopctlError `file-unreadable`, `yaml-syntax` or `contract-invalid`
 */
export async function loadContracts(
  project: Project,
  cwd: string,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<ContractService[]> {
  const services: ContractService[] = [];
  for (const service of project.services) {
    const url = baseUrl(service);
    if (service.contract === undefined || url === undefined) continue;
    services.push({
      name: service.name,
      baseUrl: url,
      contract: await loadContract(service.contract, cwd),
      env: { ...env, ...(service.kind === 'own' ? service.env : {}) },
    });
  }
  return services;
}
