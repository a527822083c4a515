import { setTimeout as sleep } from 'node:timers/promises';
import type { PlannedCall } from '../../../src/contract/verify/plan.ts';
import type { CallTools } from '../../../src/contract/verify/run-call.ts';
import { createHttpClient, type HttpClient } from '../../../src/http/index.ts';
import type { Exchange, SentRequest } from '../../../src/model/index.ts';
import type { BadCase } from './case.ts';
import type { Described } from './described.ts';
import { type Draft, goodDraft, written } from './drafts.ts';
import { judge } from './judge.ts';
import { secretsIn } from './secrets.ts';
import type { Stores } from './stores.ts';
import type { People } from './tokens.ts';

/** A running shop, as far as it is needed to send it bad requests. */
export interface Target {
  people: People;
  stores: Stores;
  /** Every line that has been logged so far. */
  logLines: readonly string[];
}

/** Sends bad requests, and tells what was not refused as it should be. Owns its connections until `close`. */
export interface Refusals {
  /** Every case in turn: what was wrong, in sentences. `baseUrl` is where the operation is asked. */
  violations(described: Described, cases: readonly BadCase[], baseUrl: string): Promise<string[]>;
  /** Log lines since the last time that hold what they must not; waits for the line of the last request. */
  leaks(): Promise<string[]>;
  close(): Promise<void>;
}

export function createRefusals({ people, stores, logLines }: Target): Refusals {
  const client = createHttpClient();
  const tools = callTools(client);
  const good = new Map<PlannedCall | Described, Promise<Draft>>();
  const goodOf = (described: Described, call: PlannedCall | undefined) => {
    const key = call ?? described;
    const draft = good.get(key) ?? goodDraft(described, { tools, people, ...(call && { call }) });
    good.set(key, draft);
    return draft;
  };
  let linesSeen = 0;
  let lastId: string | undefined;
  return {
    violations: async (described, cases, baseUrl) => {
      const found: string[] = [];
      for (const badCase of cases) {
        const draft = badCase.change(await goodOf(described, badCase.from), people);
        await stores.look();
        const exchange = await tools.send(written(baseUrl, described, draft));
        lastId = exchange.response?.headers['x-request-id'];
        const wrong = await judge(described, badCase, { exchange, stores });
        found.push(...wrong.map((sentence) => `${badCase.what}: ${sentence}`));
      }
      return found;
    },
    leaks: async () => {
      await arrived(logLines, linesSeen, lastId);
      lastId = undefined;
      const lines = logLines.slice(linesSeen);
      linesSeen = logLines.length;
      return lines.flatMap((line) => secretsIn(line).map((secret) => `${secret} was logged: ${line}`));
    },
    close: client.close,
  };
}

/** The line of a request is written when its connection has taken the whole answer, a moment after the client has it. */
async function arrived(
  lines: readonly string[],
  linesSeen: number,
  requestId: string | undefined,
): Promise<void> {
  const deadline = Date.now() + 10_000;
  // Each line is looked at once: there are tens of thousands in the end.
  let next = linesSeen;
  while (requestId !== undefined) {
    if (lines.slice(next).some((line) => line.includes(requestId))) return;
    next = lines.length;
    if (Date.now() > deadline) throw new Error(`no service has logged the request ${requestId}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function callTools(client: HttpClient): CallTools {
  let count = 0;
  return {
    send: async ({ body, ...request }: SentRequest): Promise<Exchange> =>
      await client.send(
        { ...request, ...(body === undefined ? {} : { body: { kind: 'text', text: body } }) },
        { timeoutMs: 20_000 },
      ),
    unique: () => {
      count += 1;
      return `unique-${count}`;
    },
    now: Date.now,
    pause: async (ms) => await sleep(ms),
    signal: new AbortController().signal,
    ledger: {
      record: () => undefined,
      report: () => ({ operations: [], operationsSeen: 0, statusesSeen: 0, statusesDocumented: 0 }),
    },
  };
}
