import type { Exchange, Mismatch } from '../../model/index.ts';
import type { Place, SourceDocument } from '../../source/index.ts';
import { type Answered, answerOf, answersOf, isAnswered } from '../answer.ts';
import type { Check } from '../assertions/index.ts';
import { StepFailure } from '../step-failure.ts';
import type { TestRun } from '../suite.ts';

interface Case {
  readonly exchanges: readonly Exchange[];
  readonly checks: readonly Check[];
  readonly run: TestRun;
  readonly document: SourceDocument;
  readonly place: Place;
}

/** What later steps find under the step's id; nothing when no answer came. */
export function captureOf(
  id: string,
  exchanges: readonly Exchange[],
  isParallel: boolean,
): Record<string, unknown> {
  const answered = exchanges.filter(isAnswered);
  if (isParallel) return { [id]: answersOf(answered) };
  return Object.fromEntries(answered.map((exchange) => [id, answerOf(exchange)]));
}

/** @throws StepFailure when an answer is missing, or is not what the checks expect */
export function judge({ exchanges, checks, run, ...at }: Case): void {
  const answered = exchanges.filter(isAnswered);
  refuseSilence(exchanges, at);
  const wrong = wrongAnswers(answered, checks, run);
  const together = checks.flatMap((check) =>
    check.about === 'all' ? check.check(answersOf(answered), run) : [],
  );
  const [first] = wrong;
  if (first === undefined && together.length === 0) return;
  const mismatches = [...together, ...(first?.mismatches ?? [])];
  throw new StepFailure({
    message: headline(mismatches, { wrong: wrong.length, all: answered.length }),
    ...at,
    place: mismatches[0]?.place ?? at.place,
    exchange: first?.exchange ?? answered[0],
    ...(wrong.length > 1 ? { wrong: wrong.map(({ exchange }) => exchange) } : {}),
    mismatches,
  });
}

function refuseSilence(exchanges: readonly Exchange[], at: { document: SourceDocument; place: Place }): void {
  const silent = exchanges.filter((exchange) => exchange.failure !== undefined);
  const [first] = silent;
  if (first?.failure === undefined) return;
  const share =
    exchanges.length === 1 ? '' : `${silent.length} of ${exchanges.length} requests got no answer: `;
  throw new StepFailure({ message: `${share}${first.failure.message}`, ...at, exchange: first });
}

interface Wrong {
  readonly exchange: Answered;
  readonly mismatches: readonly Mismatch[];
}

function wrongAnswers(answered: readonly Answered[], checks: readonly Check[], run: TestRun): Wrong[] {
  return answered
    .map((exchange) => ({
      exchange,
      mismatches: checks.flatMap((check) =>
        check.about === 'each' ? check.check(answerOf(exchange), run) : [],
      ),
    }))
    .filter(({ mismatches }) => mismatches.length > 0);
}

function headline(mismatches: readonly Mismatch[], { wrong, all }: { wrong: number; all: number }): string {
  const first = mismatches[0]?.message ?? 'the answer is not what was expected';
  const share =
    all > 1 && wrong > 0 ? `${wrong} of ${all} answers ${wrong === 1 ? 'is' : 'are'} wrong: ` : '';
  const more = mismatches.length > 1 ? ` (and ${mismatches.length - 1} more)` : '';
  return `${share}${first}${more}`;
}
