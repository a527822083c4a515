import { type Problem, ShopctlError } from '../errors/index.ts';
import { type Path, problemAt, type SourceDocument } from '../source/index.ts';

/** Gathers what is wrong with one configuration file, so that a user sees everything at once. */
export interface Problems {
  at(path: Path, message: string, hint?: string): void;
  /** @throws ShopctlError `config-invalid` when anything was gathered */
  throwIfAny(): void;
}

export function gatherProblems(document: SourceDocument): Problems {
  const found: Problem[] = [];
  return {
    at: (path, message, hint) => {
      found.push(problemAt(document, path, message, hint));
    },
    throwIfAny: () => {
      if (found.length > 0) throw invalid(document, found);
    },
  };
}

export function invalid(document: SourceDocument, problems: readonly Problem[]): ShopctlError {
  const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`;
  return new ShopctlError('config-invalid', { message: `${document.file} has ${count}`, problems });
}
