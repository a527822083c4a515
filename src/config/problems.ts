import { type Problem, ShopctlError } from '../errors/index.ts';
import { codeFrame, type Path, type Place, problemAt, type SourceDocument } from '../source/index.ts';

/** Gathers what is wrong with one configuration file, so that a user sees everything at once. */
export interface Problems {
  at(path: Path, message: string, hint?: string): void;
  /** Where something stands, for what turns out to be wrong only later. */
  spot(path: Path): { readonly place: Place; readonly frame: string };
  /** The same problem for whoever decides later whether it is one. */
  about(path: Path, message: string, hint?: string): Problem;
  /** @throws ShopctlError `config-invalid` when anything was gathered */
  throwIfAny(): void;
}

export function gatherProblems(document: SourceDocument): Problems {
  const found: Problem[] = [];
  const told = new Set<string>();
  return {
    at: (path, message, hint) => {
      // Replicas of a service are written down once, and so are their mistakes.
      const mistake = JSON.stringify([path, message.replaceAll(/-\d+`/g, '`'), hint]);
      if (told.has(mistake)) return;
      told.add(mistake);
      found.push(problemAt(document, path, message, hint));
    },
    spot: (path) => {
      const place = document.placeOf(path);
      return { place, frame: codeFrame(document.text, place) };
    },
    about: (path, message, hint) => problemAt(document, path, message, hint),
    throwIfAny: () => {
      if (found.length > 0) throw invalid(document, found);
    },
  };
}

export function invalid(document: SourceDocument, problems: readonly Problem[]): ShopctlError {
  const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`;
  return new ShopctlError('config-invalid', { message: `${document.file} has ${count}`, problems });
}
