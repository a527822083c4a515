import { createMask, type Mask } from '../../lib/mask.ts';
import { maskedExchange } from '../../lib/mask-exchange.ts';
import type {
  ContractCall,
  ContractCheck,
  ContractResult,
  Finding,
  SentRequest,
  SkippedCall,
} from '../../model/index.ts';
import { createCoverageLedger } from '../coverage.ts';
import { type ContractService, type LoadedContract, type ServiceNames, withValidators } from '../service.ts';
import { checkExamples, findWeaknesses } from './check-document.ts';
import { type PlannedCall, planCalls } from './plan.ts';
import { type CallTools, runCall } from './run-call.ts';

interface VerifyOptions extends Omit<CallTools, 'ledger'> {
  /** All services with a contract: even one that is not verified may be called before another. */
  readonly services: readonly ContractService[];
  /** Names of the services to verify; empty, all. */
  readonly only: readonly string[];
  /** Called with every check as soon as it is done. */
  readonly onCheck?: (check: ContractCheck) => void;
  /** Values of variables that are named like secrets are masked in the checks. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly names: ServiceNames;
}

/**
 * Calls every operation from its documented examples, one after the other, and judges the answers.
 *
 * @throws ShopctlError `contract-invalid` before anything is sent, `service-unreachable`, `interrupted`
 */
export async function verifyContracts(options: VerifyOptions): Promise<ContractResult> {
  const { onCheck, now } = options;
  const { verified, calls } = plan(options.services, options);
  const documents = verified.map((service) => ({ service, findings: checkExamples(service) }));
  const ledger = createCoverageLedger(verified);
  const mask = createMask(secretsOf(options));
  const send = async (request: SentRequest) => {
    const exchange = await options.send(request);
    mask.learn(exchange.request);
    if (exchange.response !== undefined) mask.learn(exchange.response);
    return exchange;
  };
  const tools: CallTools = { ...options, send, ledger };
  const startedAtMs = now();
  const checks: ContractCheck[] = [];
  const finish = (unmasked: ContractCheck) => {
    const check = maskedCheck(unmasked, mask);
    checks.push(check);
    onCheck?.(check);
  };
  for (const { service, findings } of documents) {
    finish({ service: service.name, name: 'examples', ...verdictOf(findings), durationMs: 0 });
    for (const call of calls) {
      if (call.service === service && call.missing.length === 0) finish(await runCheck(tools, call, now));
    }
  }
  return {
    verdict: checks.every(({ verdict }) => verdict === 'passed') ? 'passed' : 'failed',
    startedAtMs,
    durationMs: now() - startedAtMs,
    checks,
    skipped: calls.filter(({ missing }) => missing.length > 0).map(skippedCall),
    warnings: verified.flatMap(findWeaknesses),
    coverage: ledger.report(),
  };
}

function skippedCall({ service, operation, example, missing }: PlannedCall): SkippedCall {
  return { service: service.name, operation: operation.id, example, needs: missing };
}

/** The run's own variables and those of every service: two services may have another value under one name. */
function secretsOf({ env = {}, services }: Pick<VerifyOptions, 'env' | 'services'>) {
  const ofServices = services.flatMap(({ name, env: own = {} }) =>
    Object.entries(own).map(([variable, value]) => [`${name}.${variable}`, value]),
  );
  return { ...env, ...Object.fromEntries(ofServices) };
}

/** A check without secrets; verdicts, rules and names are words of ours and of the document. */
function maskedCheck({ call, findings, ...check }: ContractCheck, mask: Mask): ContractCheck {
  return {
    ...check,
    findings: findings.map((finding) => ({ ...finding, message: mask.apply(finding.message) })),
    ...(call && {
      call: { ...call, ...(call.exchange && { exchange: maskedExchange(call.exchange, mask) }) },
    }),
  };
}

/**
 * Finds what would stop a verification before anything is started or sent.
 *
 * @throws ShopctlError `contract-invalid`
 */
export function assertVerifiable(
  services: readonly ContractService[],
  choice: Pick<VerifyOptions, 'only' | 'names'>,
): void {
  for (const service of plan(services, choice).verified) checkExamples(service);
}

function plan(
  all: readonly ContractService[],
  { only, names }: Pick<VerifyOptions, 'only' | 'names'>,
): { readonly verified: readonly LoadedContract[]; readonly calls: readonly PlannedCall[] } {
  const services = all.map(withValidators);
  const verified = services.filter(({ name }) => only.length === 0 || only.includes(name));
  return { verified, calls: planCalls(services, verified, names) };
}

async function runCheck(tools: CallTools, planned: PlannedCall, now: () => number): Promise<ContractCheck> {
  const { service, operation, example, expected } = planned;
  const startedAtMs = now();
  const { findings, exchange } = await runCall(tools, planned);
  const call: ContractCall = {
    operation: operation.id,
    method: operation.method,
    path: operation.template.path,
    example,
    ...(expected === undefined ? {} : { expectedStatus: expected.status }),
    ...(exchange === undefined ? {} : { exchange }),
  };
  const durationMs = now() - startedAtMs;
  return {
    service: service.name,
    name: `${operation.id}: ${example}`,
    ...verdictOf(findings),
    durationMs,
    call,
  };
}

function verdictOf(findings: readonly Finding[]): Pick<ContractCheck, 'verdict' | 'findings'> {
  return { verdict: findings.length === 0 ? 'passed' : 'failed', findings };
}
