import type {
  ContractCall,
  ContractCheck,
  ContractCoverage,
  ContractResult,
  Exchange,
  ReceivedResponse,
} from '../model/index.ts';

/** A verification as a machine reads it: schema `shopctl/contract/1`. Exchanges are shown for failed checks only. */
export function contractJson(result: ContractResult): Record<string, unknown> {
  const failed = result.checks.filter(({ verdict }) => verdict === 'failed').length;
  return {
    schema: 'shopctl/contract/1',
    verdict: result.verdict,
    started_at: new Date(result.startedAtMs).toISOString(),
    duration_ms: result.durationMs,
    passed: result.checks.length - failed,
    failed,
    skipped: result.skipped,
    checks: result.checks.map(checkJson),
    warnings: result.warnings,
    coverage: coverageJson(result.coverage),
  };
}

function checkJson({
  service,
  name,
  verdict,
  durationMs,
  findings,
  call,
}: ContractCheck): Record<string, unknown> {
  return {
    service,
    name,
    verdict,
    duration_ms: durationMs,
    ...(call === undefined ? {} : callJson(call, verdict === 'failed')),
    findings,
  };
}

function callJson(call: ContractCall, isShown: boolean): Record<string, unknown> {
  const { operation, method, path, example, expectedStatus, exchange } = call;
  return {
    operation,
    method,
    path,
    example,
    ...(expectedStatus === undefined ? {} : { expected_status: expectedStatus }),
    ...(exchange?.response === undefined ? {} : { status: exchange.response.status }),
    ...(exchange === undefined || !isShown ? {} : { exchange: exchangeJson(exchange) }),
  };
}

/** A failed check is evidence, not an archive. */
const MAX_TEXT = 10_000;

function exchangeJson({ request, response, failure }: Exchange) {
  return {
    request: {
      method: request.method,
      url: request.url,
      ...(request.body === undefined ? {} : { body: request.body }),
    },
    ...(response === undefined ? { failure } : { response: { status: response.status, ...cut(response) } }),
  };
}

function cut({ text, truncated }: ReceivedResponse) {
  return { text: text.slice(0, MAX_TEXT), truncated: truncated || text.length > MAX_TEXT };
}

function coverageJson(coverage: ContractCoverage): Record<string, unknown> {
  return {
    operations_seen: coverage.operationsSeen,
    operations_documented: coverage.operations.length,
    statuses_seen: coverage.statusesSeen,
    statuses_documented: coverage.statusesDocumented,
    operations: coverage.operations,
  };
}
