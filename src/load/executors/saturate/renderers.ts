import { createEvaluator, loadFakeData, mentionsFakeData } from '../../../expression/index.ts';
import { deriveSeed, seededRandom } from '../../../lib/random.ts';
import { encodeRequest } from '../../encode-request.ts';
import { compileRequest } from '../../request-template.ts';
import type { WireRequest } from '../../wire-request.ts';
import type { NamedRequest } from './lane.ts';
import type { GeneratorPlan } from './protocol.ts';

/** One function for each request of the plan that renders it. They throw when it cannot be rendered or sent. */
export async function renderers(plan: GeneratorPlan): Promise<(() => NamedRequest)[]> {
  const fake = mentionsFakeData(JSON.stringify(plan.requests)) ? await loadFakeData() : undefined;
  const evaluator = createEvaluator({
    random: seededRandom(deriveSeed(plan.seed, 'expressions')),
    now: Date.now,
    env: plan.env,
    fake,
  });
  return plan.requests.map((request, index) => {
    const render = compileRequest(request, evaluator, plan.scope);
    let last: NamedRequest | undefined;
    let lastRendered: WireRequest | undefined;
    return () => {
      const rendered = render();
      // A request without changing expressions is rendered to one and the same object.
      if (last !== undefined && rendered === lastRendered) return last;
      // The origins were found to be on this machine before the run; a template must not lead elsewhere later.
      if (!plan.origins.includes(rendered.origin))
        throw new Error(
          `\`${request.name}\` now aims at ${rendered.origin}, which was not checked before the run`,
        );
      lastRendered = rendered;
      last = { ...rendered, index, bytes: encodeRequest(rendered) };
      return last;
    };
  });
}
