import { ShopctlError } from '../../errors/index.ts';
import type { Exchange, Finding, SentRequest } from '../../model/index.ts';
import { checkResponse } from '../check-response.ts';
import type { CoverageLedger } from '../coverage.ts';
import { ENVIRONMENT } from '../openapi/contract.ts';
import { statusCovers } from '../openapi/status.ts';
import { assign, MissingValue, type ResolvedAssignment, resolveAssignments } from './assign.ts';
import type { PlannedCall } from './plan.ts';
import { MAX_ATTEMPTS, pauseBeforeAnotherTry } from './try-again.ts';
import { writeRequest } from './write-request.ts';

/** What calls need from outside. */
export interface CallTools {
  /** Never throws for what the network does: that is an exchange with a `failure`. */
  readonly send: (request: SentRequest) => Promise<Exchange>;
  /** A short text that no call has sent before, in this run or an earlier one. */
  readonly unique: () => string;
  /** Milliseconds; epoch. */
  readonly now: () => number;
  /** Resolves after so many milliseconds, or as soon as the run is stopped. */
  readonly pause: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
  readonly ledger: CoverageLedger;
}

export interface CallOutcome {
  readonly findings: readonly Finding[];
  /** The call's own exchange, or that of the earlier call that stopped it. */
  readonly exchange?: Exchange;
  /** The answer has the status that was expected. */
  readonly isAsExpected: boolean;
}

/**
 * Makes the calls that come before, then the call itself, and judges its answer.
 *
 * @param overrides what the caller sets on top of the example
 * @throws ShopctlError `service-unreachable` when nothing listens, `interrupted` when the run is stopped
 */
export async function runCall(
  tools: CallTools,
  call: PlannedCall,
  overrides: readonly ResolvedAssignment[] = [],
): Promise<CallOutcome> {
  const { service, operation } = call;
  if (call.obstacle !== undefined) return { findings: [call.obstacle], isAsExpected: false };
  const bindings = await bindPreconditions(tools, call);
  if (!(bindings instanceof Map)) return bindings;
  const own = resolved(call, () => resolveAssignments(call.set, bindings, tools.unique));
  if (!Array.isArray(own)) return own;
  const mediaType = operation.body?.media[0]?.type ?? 'application/json';
  const parts = assign(call.parts, [...own, ...overrides], mediaType);
  const request = writeRequest(service.baseUrl, operation, parts);
  const refusals: Finding[] = [];
  for (let attempt = 1; ; attempt += 1) {
    const outcome = judge(tools, call, await sendOrStop(tools, request, service.name));
    const { exchange } = outcome;
    const pauseMs = pauseBeforeAnotherTry(call, exchange, tools.now());
    // What is wrong with a refusal is wrong, even when the next answer is right.
    if (pauseMs === undefined || attempt === MAX_ATTEMPTS) {
      return { ...outcome, findings: [...refusals, ...outcome.findings] };
    }
    refusals.push(...outcome.findings.filter(({ rule }) => rule !== 'unexpected-status'));
    await tools.pause(pauseMs);
  }
}

/** An answer to the call itself, recorded as seen and compared with the contract and with what the example expects. */
function judge(
  { ledger }: CallTools,
  call: PlannedCall,
  exchange: Exchange,
): CallOutcome & { readonly exchange: Exchange } {
  const { service, operation, expected } = call;
  const { response } = exchange;
  if (response === undefined) {
    const { message } = exchange.failure;
    const subject = `${service.name}#${operation.id}`;
    return { findings: [{ rule: 'no-answer', message, subject }], exchange, isAsExpected: false };
  }
  ledger.record(service.name, operation, response.status);
  const isAsExpected = expected !== undefined && statusCovers(expected.status, response.status);
  const findings = checkResponse(service, { operation, method: operation.method, response });
  if (!isAsExpected) findings.unshift(unexpectedStatus(call, response.status));
  return { findings, exchange, isAsExpected };
}

/** The answers of the calls that come before, by name, or the outcome when one of them stops this call. */
async function bindPreconditions(
  tools: CallTools,
  call: PlannedCall,
): Promise<Map<string, unknown> | CallOutcome> {
  const bindings = new Map<string, unknown>([[ENVIRONMENT, call.service.env ?? {}]]);
  for (const step of call.given) {
    const overrides = resolved(call, () => resolveAssignments(step.set, bindings, tools.unique));
    if (!Array.isArray(overrides)) return overrides;
    const outcome = await runCall(tools, step.call, overrides);
    if (!outcome.isAsExpected) return stoppedBy(call, step.call, outcome);
    if (step.as !== undefined) bindings.set(step.as, outcome.exchange?.response?.json);
  }
  return bindings;
}

function stoppedBy(call: PlannedCall, earlier: PlannedCall, outcome: CallOutcome): CallOutcome {
  const [first] = outcome.findings;
  const reason = first?.rule === 'precondition-failed' ? first.message : messageFor(earlier, first);
  return {
    ...blocked(call, reason),
    ...(outcome.exchange === undefined ? {} : { exchange: outcome.exchange }),
  };
}

const messageFor = ({ service, operation, example }: PlannedCall, finding: Finding | undefined) =>
  `the call before it, ${service.name}#${operation.id} (${example}), failed: ${finding?.message ?? 'no reason is known'}`;

function resolved(
  call: PlannedCall,
  resolve: () => ResolvedAssignment[],
): ResolvedAssignment[] | CallOutcome {
  try {
    return resolve();
  } catch (error) {
    if (error instanceof MissingValue) return blocked(call, error.message);
    throw error;
  }
}

function blocked({ service, operation }: PlannedCall, message: string): CallOutcome {
  const subject = `${service.name}#${operation.id}`;
  return { findings: [{ rule: 'precondition-failed', message, subject }], isAsExpected: false };
}

function unexpectedStatus({ service, operation, example, expected }: PlannedCall, status: number): Finding {
  return {
    rule: 'unexpected-status',
    message: `the answer to \`${example}\` is ${status}, documented is ${expected?.status ?? 'none'}`,
    subject: `${service.name}#${operation.id} ${status}`,
  };
}

async function sendOrStop(tools: CallTools, request: SentRequest, service: string): Promise<Exchange> {
  const interrupted = () => new ShopctlError('interrupted', { message: 'the verification was stopped' });
  if (tools.signal.aborted) throw interrupted();
  const exchange = await tools.send(request);
  const { failure } = exchange;
  if (failure?.kind === 'aborted') throw interrupted();
  if (failure?.kind === 'refused' || failure?.kind === 'dns') {
    throw new ShopctlError('service-unreachable', {
      message: `${service} cannot be reached: ${failure.message}`,
    });
  }
  return exchange;
}
