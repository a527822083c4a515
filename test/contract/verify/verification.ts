import { onTestFinished } from 'vitest';
import { type ContractService, verifyContracts } from '../../../src/contract/index.ts';
import { createHttpClient } from '../../../src/http/index.ts';
import type { ContractResult, Exchange, SentRequest } from '../../../src/model/index.ts';
import { contractOf } from '../documents.ts';
import { type Heard, type Reply, startHttpService } from '../http-service.ts';

/** Verifies over real HTTP, with texts `u1`, `u2`, … for `$unique`. */
export function verify(
  services: readonly ContractService[],
  options: Partial<
    Pick<
      Parameters<typeof verifyContracts>[0],
      'env' | 'names' | 'now' | 'only' | 'onCheck' | 'pause' | 'signal'
    >
  > = {},
): Promise<ContractResult> {
  const client = createHttpClient();
  onTestFinished(() => client.close());
  let count = 0;
  const signal = options.signal ?? new AbortController().signal;
  const send = ({ body, ...request }: SentRequest): Promise<Exchange> =>
    client.send(
      { ...request, ...(body === undefined ? {} : { body: { kind: 'text', text: body } }) },
      { signal, timeoutMs: 10_000 },
    );
  const unique = () => {
    count += 1;
    return `u${count}`;
  };
  const present = services.map(({ name }) => name);
  const defaults = {
    names: { present, all: present },
    only: [],
    now: Date.now,
    pause: async () => undefined,
  };
  return verifyContracts({ services, ...defaults, ...options, signal, send, unique });
}

/** A service that really listens, with the contract of `document`. */
export async function serviceOf(
  name: string,
  document: string,
  reply: (request: Heard) => Reply,
  env: Readonly<Record<string, string>> = {},
): Promise<ContractService & { readonly heard: readonly Heard[] }> {
  const { url, heard } = await startHttpService(reply);
  return { name, baseUrl: url, contract: await contractOf(document), env, heard };
}

/** `createUser: funded passed`, or `… failed` and the rules that were broken. */
export function verdicts({ checks }: ContractResult): string[] {
  return checks.map(({ name, verdict, findings }) =>
    [name, verdict, ...findings.map(({ rule, pointer }) => `${rule}${pointer ?? ''}`)].join(' '),
  );
}
