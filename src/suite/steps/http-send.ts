import type { Exchange } from '../../model/index.ts';
import type { Place, SourceDocument } from '../../source/index.ts';
import type { TestRun } from '../suite.ts';
import type { BuildRequest } from './http-request.ts';
import { type Poll, pollUntil } from './poll.ts';

interface One {
  /** The step's name. */
  readonly name: string;
  readonly request: BuildRequest;
  readonly timeoutMs: number;
  readonly poll: Poll | undefined;
  readonly run: TestRun;
  readonly document: SourceDocument;
  readonly place: Place;
}

/** Sends once, or again and again until the poll has its end; gives the last exchange. */
export function exchangeOnce({ name, request, timeoutMs, poll, run, ...at }: One): Promise<Exchange> {
  if (poll === undefined) return run.send(request(run), timeoutMs, name);
  const attempt = (leftMs: number) => run.send(request(run), Math.max(1, Math.min(timeoutMs, leftMs)), name);
  return pollUntil({ poll, attempt, run, ...at });
}

interface Many {
  readonly name: string;
  readonly count: number;
  readonly request: BuildRequest;
  readonly timeoutMs: number;
  readonly run: TestRun;
}

/** What an expression in a request of a parallel step may use besides: which of the requests it is, from 0. */
export const PARALLEL_SCOPE = ['index'] as const;

/** Sends `count` requests at the same time; all are built before the first goes out, so that none lags behind. */
export function exchangeAll({ name, count, request, timeoutMs, run }: Many): Promise<Exchange[]> {
  const requests = Array.from({ length: count }, (_, index) =>
    request({ ...run, scope: { ...run.scope, index: BigInt(index) } }),
  );
  return Promise.all(requests.map((built) => run.send(built, timeoutMs, name)));
}
