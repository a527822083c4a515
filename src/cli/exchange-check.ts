import type { Project } from '../config/index.ts';
import type { Exchange, Finding } from '../model/index.ts';

/**
 * What judges every exchange of a run by the project's contracts; undefined when no service has one.
 *
 * @throws ShopctlError `contract-invalid` for a document that cannot be used
 */
export async function openContracts(
  project: Project,
): Promise<((exchange: Exchange) => readonly Finding[]) | undefined> {
  if (project.services.every(({ contract }) => contract === undefined)) return undefined;
  // Loaded only where there is a contract: the parser is large.
  const { createContractChecker, loadContracts } = await import('../contract/index.ts');
  return createContractChecker(await loadContracts(project, process.cwd())).check;
}
