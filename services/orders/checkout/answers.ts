import { Problem, type ProblemFacts, type UpstreamAnswer } from '../../kit/index.ts';

/** A step that was refused for good: nothing of it happened, and asking again would change nothing. */
export class Refusal extends Problem {}

interface Told {
  kind: string | undefined;
  title: string | undefined;
  detail: string | undefined;
  members: Readonly<Record<string, unknown>>;
}

/** What a problem document of another service says; unknown members are left out. */
export function readProblem({ body }: UpstreamAnswer): Told {
  const document: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {};
  const text = (name: string) => (typeof document[name] === 'string' ? document[name] : undefined);
  const known = ['product_id', 'available', 'requested'].filter((name) => document[name] !== undefined);
  return {
    kind: text('type')?.split(':').at(-1),
    title: text('title'),
    detail: text('detail'),
    members: Object.fromEntries(known.map((name) => [name, document[name]])),
  };
}

/** The refusal in the other service's own words, under a status of ours. */
export function refusal(answer: UpstreamAnswer, status: 402 | 409, otherwise: string): Refusal {
  const { kind, title, detail, members } = readProblem(answer);
  return new Refusal({
    status,
    kind: kind ?? otherwise,
    title: title ?? 'The order cannot be placed',
    detail: detail ?? 'A needed service refused without saying why.',
    members,
  });
}

/** The same problem, and the order that it is about. */
export function aboutOrder(facts: ProblemFacts, orderId: string): ProblemFacts {
  return { ...facts, members: { ...facts.members, order_id: orderId } };
}
