import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { baseUrl, type Project, trustedServices } from '../../config/index.ts';
import {
  assertVerifiable,
  type ContractService,
  loadContracts,
  type ServiceNames,
  verifyContracts,
} from '../../contract/index.ts';
import { EXIT, type ExitCode, ShopctlError } from '../../errors/index.ts';
import { createHttpClient, type HttpClient } from '../../http/index.ts';
import type { ContractResult, Exchange, SentRequest } from '../../model/index.ts';
import { contractJson } from '../../report/contract-json.ts';
import { contractPretty } from '../../report/contract-pretty.ts';
import { didYouMean } from '../../source/index.ts';
import { configuredServices } from '../configured-services.ts';
import type { CliContext } from '../context.ts';

export interface TestContractOptions {
  /** Names of the services to verify; empty means all that have a contract. */
  readonly services: readonly string[];
}

/** The part of the context that this command uses. */
export interface TestContractContext
  extends Pick<CliContext, 'color' | 'env' | 'json' | 'signal' | 'loadProject'> {
  readonly stdout: Pick<CliContext['stdout'], 'write'>;
}

/** Makes sure that the project's services are ready while `body` runs, and takes down what it brought up. */
export type WithTopology<Context> = <T>(
  project: Project,
  context: Context,
  body: (running: Project) => Promise<T>,
) => Promise<T>;

/** Long enough for a slow answer, short enough that one hanging operation does not look like a hanging tool. */
const CALL_TIMEOUT_MS = 30_000;

/**
 * `shopctl test contract [service...]`: calls every documented operation from its examples and judges the answers.
 *
 * @returns `failed` when an answer or an example breaks a contract
 * @throws ShopctlError for documents, names or recipes that are wrong (before anything starts), and when a service
 *   cannot be reached
 */
export async function testContract<Context extends TestContractContext>(
  { services: only }: TestContractOptions,
  context: Context,
  withTopology: WithTopology<Context>,
): Promise<ExitCode> {
  const project = await context.loadProject('fresh');
  refuseUnknownNames(project, only);
  const contracts = await loadContracts(project, process.cwd(), context.env);
  refuseEmptyChoice(contracts, only);
  const names = { present: project.services.map(({ name }) => name), all: configuredServices(project) };
  assertVerifiable(contracts, { only, names });
  const result = await withTopology(project, context, async (running) => {
    const client = createHttpClient({ trusted: trustedServices(running.services) });
    try {
      return await verify(reachedIn(running, contracts), { only, names, context, client });
    } finally {
      await client.close();
    }
  });
  context.stdout.write(
    context.json ? `${JSON.stringify(contractJson(result))}\n` : contractPretty(result, context),
  );
  return result.verdict === 'passed' ? EXIT.ok : EXIT.failed;
}

/** Where the contracts' services are reached now that they run: a port may have been chosen at start. */
function reachedIn(running: Project, contracts: readonly ContractService[]): ContractService[] {
  return contracts.map((contract) => {
    const service = running.services.find(({ name }) => name === contract.name);
    return { ...contract, baseUrl: (service && baseUrl(service)) ?? contract.baseUrl };
  });
}

interface Verification {
  readonly only: readonly string[];
  readonly names: ServiceNames;
  readonly context: TestContractContext;
  readonly client: HttpClient;
}

function verify(
  services: readonly ContractService[],
  { only, names, context, client }: Verification,
): Promise<ContractResult> {
  const { env, signal } = context;
  return verifyContracts({
    services,
    ...{ only, names },
    send: (request) => send(client, request, signal),
    // Databases outlive runs: a text from the run's seed would be taken on the second run.
    unique: () => `u${randomBytes(5).toString('hex')}`,
    ...{ env, signal },
    now: Date.now,
    pause: (ms) => pause(ms, signal),
  });
}

function send(
  client: HttpClient,
  { method, url, headers, body }: SentRequest,
  signal: AbortSignal,
): Promise<Exchange> {
  const request = {
    method,
    url,
    headers,
    ...(body === undefined ? {} : { body: { kind: 'text', text: body } as const }),
  };
  return client.send(request, { signal, timeoutMs: CALL_TIMEOUT_MS });
}

/** A run that is stopped meanwhile says so at its next request. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

function refuseUnknownNames(project: Project, only: readonly string[]): void {
  const known = project.services.map(({ name }) => name);
  for (const name of only) {
    if (known.includes(name)) continue;
    const near = didYouMean(name, known);
    throw new ShopctlError('usage', {
      message: `the topology ${project.topology} has no service \`${name}\``,
      hint: near === undefined ? `its services: ${known.join(', ')}` : `did you mean \`${near}\`?`,
    });
  }
}

function refuseEmptyChoice(contracts: readonly ContractService[], only: readonly string[]): void {
  const without = only.filter((service) => contracts.every(({ name }) => name !== service));
  if (contracts.length > 0 && without.length === 0) return;
  const who =
    without.length === 0
      ? 'no service of this topology has a contract'
      : `${without.join(' and ')} ${without.length === 1 ? 'has' : 'have'} no contract`;
  throw new ShopctlError('contract-missing', { message: `there is nothing to verify: ${who}` });
}
