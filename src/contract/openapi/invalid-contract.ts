import { type Problem, ShopctlError } from '../../errors/index.ts';
import type { SourceDocument } from '../../source/index.ts';

/** The error for a document that cannot be used as it stands. */
export function invalidContract(source: SourceDocument, problems: readonly Problem[]): ShopctlError {
  return new ShopctlError('contract-invalid', {
    message: `the contract ${source.file} is not valid`,
    problems,
  });
}
