import { setImmediate as nextTurn } from 'node:timers/promises';
import { ShopctlError } from '../../../errors/index.ts';
import { createEvaluator, type FakeData } from '../../../expression/index.ts';
import type { HttpClient, HttpRequest } from '../../../http/index.ts';
import { deriveSeed, seededRandom } from '../../../lib/random.ts';
import { type Journey, runJourney, type SendStep } from '../../../suite/index.ts';
import { isLoopback } from '../../targets.ts';
import type { ExchangeCounts } from './exchange-counts.ts';
import type { JourneyCounts } from './journey-counts.ts';

export interface UserSurroundings {
  readonly journey: Journey;
  /** Base URLs by service name. */
  readonly services: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly fake: FakeData | undefined;
  readonly seed: number;
  readonly pauseMs: number;
  readonly client: HttpClient;
  readonly exchanges: ExchangeCounts;
  readonly journeys: JourneyCounts;
  /** Nothing new begins. */
  readonly stop: AbortSignal;
  /** What runs is cut off. */
  readonly cut: AbortSignal;
}

/**
 * One user, who goes through the journey again and again until nothing new may begin. Chance of the user's own.
 *
 * @throws ShopctlError `load-target-remote` when a request aims at another machine
 */
export async function runUser(user: number, at: UserSurroundings): Promise<void> {
  const { journey, services, env, fake, pauseMs, exchanges, journeys } = at;
  const random = seededRandom(deriveSeed(at.seed, `user-${user}`));
  const evaluator = createEvaluator({ random, now: Date.now, env, fake });
  for (let iteration = 1; ; iteration += 1) {
    // A journey that fails before it sends anything would otherwise never let timers and sockets have their turn.
    await nextTurn();
    const begun = at.stop.aborted ? undefined : journeys.begin(user, iteration);
    if (begun === undefined) return;
    const outcome = await withOwnSignal(at.cut, (signal) =>
      runJourney(journey, {
        ...{ evaluator, services, env, pauseMs, signal },
        values: { user, iteration },
        send: (request, options) =>
          exchanges.timed(options.step, () => sendHere(at.client, request, options)),
        judged: (exchange, isExpected) => exchanges.judged(exchange, isExpected),
      }),
    );
    journeys.end(begun, outcome);
  }
}

/** What services answered may lead anywhere, so every request is looked at. */
function sendHere(client: HttpClient, request: HttpRequest, { step, ...options }: SendStep) {
  const { hostname, origin } = new URL(request.url);
  if (!isLoopback(hostname.replace(/^\[(.*)\]$/, '$1'))) {
    throw new ShopctlError('load-target-remote', {
      message: `the step \`${step}\` aims at ${origin}, which is not this machine`,
    });
  }
  return client.send(request, options);
}

/** A signal that ends with the work: one that lives as long as the run would gather a listener for every request. */
async function withOwnSignal<T>(parent: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const own = new AbortController();
  const abort = () => own.abort();
  parent.addEventListener('abort', abort);
  if (parent.aborted) abort();
  try {
    return await work(own.signal);
  } finally {
    parent.removeEventListener('abort', abort);
  }
}
