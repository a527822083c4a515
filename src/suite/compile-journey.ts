import type { Problem } from '../errors/index.ts';
import { mentionsFakeData } from '../expression/index.ts';
import type { Path, SourceDocument } from '../source/index.ts';
import type { CompileContext } from './compile-context.ts';
import { compileSteps } from './compile-steps.ts';
import type { RawStep } from './file.ts';
import { distinct, newReading } from './load.ts';
import { fileUser } from './shared-file.ts';
import type { StepRequest, Test } from './suite.ts';

/** Steps that a user goes through again and again. */
export interface Journey {
  /** The steps as a test without cases. */
  readonly test: Test;
  /** The requests that it may send, in the order of the steps. */
  readonly sends: readonly StepRequest[];
  readonly mentionsFakeData: boolean;
}

export interface JourneySource {
  readonly name: string;
  /** The file in which the steps stand. */
  readonly document: SourceDocument;
  /** Its absolute path: `use` starts there. */
  readonly file: string;
  /** Where in the document the mapping is that holds `journey` and `always`. */
  readonly path: Path;
  readonly journey: readonly RawStep[];
  readonly always: readonly RawStep[];
  /** Names that its expressions may use besides services and captures. */
  readonly names: readonly string[];
  /** Services of the topology that have a base URL. */
  readonly services: readonly string[];
  /** Where the user stands; files are printed relative to it. */
  readonly cwd: string;
}

/** Understands the steps of a journey, the files they use included; what is wrong with them is in `problems`. */
export function compileJourney(source: JourneySource): { journey: Journey; problems: readonly Problem[] } {
  const { document, file, path, cwd } = source;
  const reading = newReading(cwd, source.services);
  const context: CompileContext = {
    ...{ document, checker: reading.checker, problems: reading.problems },
    names: new Set([...reading.serviceNames, ...source.names]),
    captures: new Set(),
    reads: new Set(),
    useFile: fileUser(document, [file], reading),
  };
  const steps = compileSteps(source.journey, [...path, 'journey'], context);
  const always = compileSteps(source.always, [...path, 'always'], context);
  const texts = [JSON.stringify([source.journey, source.always]), ...reading.sharedTexts];
  const journey = {
    test: {
      ...{ name: source.name, tags: [], place: document.placeOf(path), before: [], steps, always },
      rows: [{ index: 0, values: () => undefined }],
    },
    sends: [...steps, ...always].flatMap(({ sends }) => sends),
    mentionsFakeData: texts.some(mentionsFakeData),
  };
  return { journey, problems: distinct(reading.problems) };
}
