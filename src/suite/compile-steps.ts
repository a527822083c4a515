import type { Problem } from '../errors/index.ts';
import { compileSchema, type JsonSchema, type SchemaCheck } from '../lib/json-schema.ts';
import { didYouMean, type Path, problemAt, type SourceDocument, schemaProblems } from '../source/index.ts';
import { type CompileContext, expressionAt } from './compile-context.ts';
import type { RawStep } from './file.ts';
import { StepFailure } from './step-failure.ts';
import type { StepKind } from './step-kind.ts';
import { stepKinds } from './steps/index.ts';
import type { Step } from './suite.ts';

/** Keys that a step of any kind may have. */
export const commonKeys: Readonly<Record<string, JsonSchema>> = {
  when: {
    type: 'string',
    minLength: 1,
    description: 'an expression; the step is left out, and counts as skipped, when it is false',
  },
};

/** Reads the steps at `path`, in order: a step may use what the ones before it captured. */
export function compileSteps(
  raw: readonly RawStep[] | undefined,
  path: Path,
  context: CompileContext,
): readonly Step[] {
  return (raw ?? []).flatMap((step, index) => compileStep(step, [...path, index], context) ?? []);
}

function compileStep(raw: RawStep, path: Path, context: CompileContext): Step | undefined {
  const kind = kindOf(raw, path, context);
  if (kind === undefined || !fitsKind(raw, path, { kind, context })) {
    takeCapture(raw, context);
    return undefined;
  }
  const reads = new Set<string>();
  const { document } = context;
  // Read first: what the step captures is not known yet when it is decided whether it runs.
  const isDue = compileWhen(raw, path, { ...context, reads });
  const { title, run, sends = [] } = kind.compile(raw, path, { ...context, reads });
  const [only, second] = sends;
  const name = only === undefined || second !== undefined ? title : only.name;
  return {
    ...{ title, reads, sends, document, place: document.placeOf(path), isDue },
    run: (at) => run(at).catch((error: unknown) => Promise.reject(named(error, name))),
  };
}

function compileWhen(raw: RawStep, path: Path, context: CompileContext): Step['isDue'] {
  if (typeof raw['when'] !== 'string') return () => true;
  const when = expressionAt(context, [...path, 'when'], raw['when']);
  const { document } = context;
  return (run) => {
    const value = when.evaluate(run);
    if (typeof value === 'boolean') return value;
    const message = `\`when\` is ${JSON.stringify(value)}, and not true or false`;
    throw new StepFailure({ message, document, place: when.place });
  };
}

const named = (error: unknown, step: string): unknown =>
  error instanceof StepFailure ? new StepFailure({ step, ...error.facts }) : error;

function kindOf(raw: RawStep, path: Path, { document, problems }: CompileContext): StepKind | undefined {
  const found = stepKinds.flatMap((kind) =>
    kind.markers.filter((marker) => Object.hasOwn(raw, marker)).map((marker) => ({ kind, marker })),
  );
  const [first, second] = found;
  if (first === undefined) {
    problems.push(...noKind(raw, path, document));
    return undefined;
  }
  if (second === undefined) return first.kind;
  const names = found.map(({ marker }) => `\`${marker}\``).join(' and ');
  problems.push(
    problemAt(document, [...path, second.marker], `a step does one thing, not ${names}`, 'make it two steps'),
  );
  return undefined;
}

function noKind(raw: RawStep, path: Path, document: SourceDocument): Problem[] {
  const markers = stepKinds.flatMap((kind) => kind.markers);
  const slip = Object.keys(raw).find((key) => didYouMean(key, markers) !== undefined);
  if (slip !== undefined)
    return schemaProblems(document, [{ kind: 'unknown-key', path, key: slip, known: markers }]);
  return [problemAt(document, path, 'this step does nothing', `a step has one of: ${markers.join(', ')}`)];
}

const checks: ReadonlyMap<StepKind, SchemaCheck<RawStep>> = new Map(
  stepKinds.map((kind) => [
    kind,
    compileSchema<RawStep>({
      type: 'object',
      properties: { ...kind.keys, ...commonKeys },
      additionalProperties: false,
    }),
  ]),
);

function fitsKind(
  raw: RawStep,
  path: Path,
  { kind, context }: { kind: StepKind; context: CompileContext },
): boolean {
  const check = checks.get(kind);
  if (check === undefined || check.fits(raw)) return true;
  const errors = check.errors().map((error) => ({ ...error, path: [...path, ...error.path] }));
  context.problems.push(...schemaProblems(context.document, errors));
  return false;
}

/** What a wrong step would have captured still counts as known, or every later use of it would be reported too. */
function takeCapture(raw: RawStep, { checker, names, captures }: CompileContext): void {
  for (const name of [raw['id'], raw['as']]) {
    if (typeof name !== 'string' || !checker.canName(name)) continue;
    names.add(name);
    captures.add(name);
  }
}
