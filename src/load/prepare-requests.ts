import type { LoadRequest, Project, SaturateProfile } from '../config/index.ts';
import { type Problem, ShopctlError } from '../errors/index.ts';
import {
  createEvaluator,
  type Evaluator,
  ExpressionError,
  loadFakeData,
  mentionsFakeData,
  type Scope,
} from '../expression/index.ts';
import { seededRandom } from '../lib/random.ts';
import { type Path, problemAt } from '../source/index.ts';
import { compileRequest, templateOf, UnsendableRequest } from './request-template.ts';
import { loadScope } from './scope.ts';
import type { Target } from './targets.ts';

interface RequestPlan {
  readonly project: Project;
  readonly profile: SaturateProfile;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Renders every request once, to learn where it goes.
 *
 * @throws ShopctlError `config-invalid` with the place of everything that is wrong
 */
export async function prepareRequests({
  project,
  profile,
  env,
}: RequestPlan): Promise<{ scope: Scope; targets: Target[] }> {
  const fake = mentionsFakeData(JSON.stringify(profile.requests)) ? await loadFakeData() : undefined;
  const evaluator = createEvaluator({ random: seededRandom(0), now: Date.now, env, fake });
  const scope = loadScope(project.services, evaluator);
  const problems: Problem[] = [];
  const targets = profile.requests.flatMap((request, index): Target[] => {
    const at: Path = ['load', profile.name, 'requests', index];
    const report = (path: Path, message: string, hint: string | undefined) =>
      problems.push(problemAt(project.source, [...at, ...yamlPath(request, path)], message, hint));
    return targetOf({ request, evaluator, scope, report });
  });
  if (problems.length > 0) {
    throw new ShopctlError('config-invalid', {
      message: `the load profile \`${profile.name}\` has requests that cannot be sent`,
      problems,
    });
  }
  return { scope, targets };
}

interface Rendering {
  readonly request: LoadRequest;
  readonly evaluator: Evaluator;
  readonly scope: Scope;
  readonly report: (path: Path, message: string, hint: string | undefined) => void;
}

/** Renders a request once, to learn where it goes; none when it cannot be rendered. */
function targetOf({ request, evaluator, scope, report }: Rendering): Target[] {
  const { problems, expressions } = templateOf(request);
  for (const { path, message } of problems) report(path, message, undefined);
  if (problems.length > 0) return [];
  const wrong = expressions.flatMap(({ path, source }) => {
    const error = evaluator.check(source, Object.keys(scope));
    return error === undefined ? [] : [{ path, error }];
  });
  for (const { path, error } of wrong) report(path, error.message, error.hint);
  if (wrong.length > 0) return [];
  try {
    return [{ request: request.name, wire: compileRequest(request, evaluator, scope)() }];
  } catch (error) {
    if (error instanceof ExpressionError) report(error.at?.path ?? [], error.message, error.hint);
    else if (error instanceof UnsendableRequest) report(['url'], error.message, error.hint);
    else throw error;
    return [];
  }
}

/** In YAML the URL stands under the method. */
function yamlPath({ method }: LoadRequest, path: Path): Path {
  return path[0] === 'url' ? [method.toLowerCase()] : path;
}
