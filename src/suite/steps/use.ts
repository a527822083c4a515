import { didYouMean, type Path, problemAt } from '../../source/index.ts';
import { type CompileContext, declare, type PlacedTemplate, templateAt } from '../compile-context.ts';
import type { RawStep } from '../file.ts';
import { StepFailure } from '../step-failure.ts';
import type { StepKind } from '../step-kind.ts';
import type { SharedSteps, TestRun } from '../suite.ts';

/** The steps of another file, with parameters in and named values out; it sees nothing else of this test. */
export const use: StepKind = {
  name: 'use',
  markers: ['use'],
  keys: {
    use: { type: 'string', minLength: 1, description: 'a file of steps, relative to this one' },
    with: { type: 'object', description: 'a mapping of its parameters to their values' },
    as: { type: 'string', minLength: 1, description: 'a name under which later steps find what it returns' },
  },
  compile: compileUse,
};

function compileUse(raw: RawStep, path: Path, context: CompileContext) {
  const { document } = context;
  const place = document.placeOf([...path, 'use']);
  const given: Readonly<Record<string, unknown>> = { ...(raw['with'] ?? {}) };
  const values = templateAt(context, [...path, 'with'], given);
  const shared = context.useFile(String(raw['use']), [...path, 'use']);
  if (shared !== undefined) checkParams(given, path, { context, shared });
  const name = typeof raw['as'] === 'string' ? raw['as'] : undefined;
  if (name !== undefined) declareResult(name, path, { context, shared });
  return {
    title: `use ${String(raw['use'])}`,
    sends: shared?.steps.flatMap(({ sends }) => sends) ?? [],
    run: async (run) => {
      if (shared === undefined) return;
      const returned = await runShared({ shared, values, run, place });
      if (name !== undefined) run.scope[name] = returned;
    },
  } satisfies ReturnType<StepKind['compile']>;
}

interface Called {
  readonly context: CompileContext;
  readonly shared: SharedSteps;
}

function checkParams(
  given: Readonly<Record<string, unknown>>,
  path: Path,
  { context, shared: { params, defaultNames } }: Called,
): void {
  const { document, problems } = context;
  const known = [...params, ...defaultNames];
  for (const name of Object.keys(given).filter((key) => !known.includes(key))) {
    const near = didYouMean(name, known);
    const hint =
      near === undefined ? `its parameters: ${known.join(', ') || 'none'}` : `did you mean \`${near}\`?`;
    problems.push(
      problemAt(document, [...path, 'with', name], `the file has no parameter \`${name}\``, hint),
    );
  }
  for (const name of params.filter((param) => !Object.hasOwn(given, param))) {
    problems.push(problemAt(document, [...path, 'use'], `the parameter \`${name}\` is missing in \`with\``));
  }
}

function declareResult(
  name: string,
  path: Path,
  { context, shared }: { context: CompileContext; shared: SharedSteps | undefined },
): void {
  if (shared?.hasReturns === false) {
    const message = 'the file has no `returns`, so there is nothing to name';
    context.problems.push(problemAt(context.document, [...path, 'as'], message));
  }
  declare(context, name, [...path, 'as']);
}

interface Call {
  readonly shared: SharedSteps;
  readonly values: PlacedTemplate;
  readonly run: TestRun;
  readonly place: ReturnType<CompileContext['document']['placeOf']>;
}

async function runShared({ shared, values, run, place }: Call): Promise<unknown> {
  const given = { ...Object(values(run)) };
  const bare = { ...run, scope: { ...run.services } };
  const inner = { ...run, scope: { ...run.services, ...shared.defaults(bare), ...given } };
  try {
    for (const step of shared.steps) if (step.isDue(inner)) await step.run(inner);
    return shared.returns(inner);
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    throw new StepFailure({ ...error.facts, usedFrom: [...(error.facts.usedFrom ?? []), place] });
  }
}
