import { isDeepStrictEqual } from 'node:util';
import type { Problem } from '../../errors/index.ts';
import { didYouMean, type Path, problemAt } from '../../source/index.ts';
import { invalidContract } from '../openapi/invalid-contract.ts';
import type { LoadedContract } from '../service.ts';

/** What is wrong with `x-given` and `x-set`, gathered so that every mistake is told at once. */
export interface RecipeProblems {
  report(service: LoadedContract, at: Path, message: string, hint?: string): void;
  /** @throws ShopctlError `contract-invalid` */
  throwIfAny(): void;
}

export function createRecipeProblems(): RecipeProblems {
  const found: { readonly service: LoadedContract; readonly problem: Problem }[] = [];
  return {
    report: (service, at, message, hint) => {
      const problem = problemAt(service.contract.source, at, message, hint);
      // What stands in `x-authorize` is met again with every operation.
      if (!found.some((other) => other.service === service && isDeepStrictEqual(other.problem, problem))) {
        found.push({ service, problem });
      }
    },
    throwIfAny: () => {
      const [first] = found;
      if (first === undefined) return;
      throw invalidContract(
        first.service.contract.source,
        found.map(({ problem }) => problem),
      );
    },
  };
}

/** The remedy for a name that does not exist: the nearest one, else all there are. */
export function hintFor(word: string, known: readonly string[]): string {
  const near = didYouMean(word, known);
  return near === undefined ? `known: ${known.join(', ')}` : `did you mean \`${near}\`?`;
}
