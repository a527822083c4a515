import type { ContractCoverage, Exchange, Finding, ReceivedResponse } from '../model/index.ts';
import { checkResponse } from './check-response.ts';
import { createCoverageLedger } from './coverage.ts';
import { followRoute } from './follow-route.ts';
import { createLocator, type Located } from './locate.ts';
import type { Operation } from './openapi/contract.ts';
import { findOperation } from './openapi/find-operation.ts';
import { findResponse } from './openapi/status.ts';
import { type ContractService, type LoadedContract, withValidators } from './service.ts';

/** Judges every exchange of a run by the contracts of the services that answered, and keeps count of what was seen. */
export interface ContractChecker {
  /**
   * What the answer breaks; nothing for a failed exchange or for a service without contract. Only the answer is
   * judged: a request may be wrong on purpose. What a gateway passes on (`x-passed-on`) is judged by the contract of
   * the service behind it, or as a refusal of the gateway's own.
   *
   * @throws ShopctlError `contract-invalid` when a schema that is needed cannot be compiled
   */
  check(exchange: Exchange): readonly Finding[];
  /** Which documented answers the exchanges so far have shown. */
  coverage(): ContractCoverage;
}

interface Answered {
  readonly method: string;
  readonly response: ReceivedResponse;
}

type OnOperation = (service: LoadedContract, operation: Operation, status: number) => void;

/** How a server says that it has no such path or method: what an undocumented one is allowed to answer. */
const HAS_NO_SUCH = [404, 405];

export function createContractChecker(services: readonly ContractService[]): ContractChecker {
  const ledger = createCoverageLedger(services);
  const loaded = services.map(withValidators);
  const locate = createLocator(loaded);
  const record: OnOperation = (service, operation, status) => ledger.record(service.name, operation, status);
  return {
    coverage: () => ledger.report(),
    check: ({ request, response }) => {
      const located = response === undefined ? undefined : locate(request.url);
      if (response === undefined || located === undefined) return [];
      const answered = { method: request.method, response };
      const passes = located.service.contract.passedOn.routes.length > 0;
      if (!passes || isOwn(located, answered)) return judge(located, answered, record);
      return judgePassedOn(located, answered, { services: loaded, record });
    },
  };
}

function isOwn(located: Located, { method }: Answered): boolean {
  const { operations } = located.service.contract;
  return findOperation(operations, { method, ...located }).kind === 'operation';
}

/** Whoever asks cannot know who answered, so what fits one of the two documents is right. */
function judgePassedOn(
  located: Located,
  answered: Answered,
  { services, record }: { readonly services: readonly LoadedContract[]; readonly record: OnOperation },
): Finding[] {
  const { service: gateway } = located;
  const { responses } = gateway.contract.passedOn;
  const isRefusal = findResponse(responses, answered.response.status) !== undefined;
  const asRefusal = () =>
    checkResponse(gateway, { ...answered, operation: { id: 'x-passed-on', responses } });
  const destination = followRoute(located, services);
  if (destination.kind === 'unknown-service') return [];
  if (destination.kind === 'no-route') return isRefusal ? asRefusal() : judge(located, answered, record);
  // A status that both document may be the gateway's, so it does not show that the service ever gave it.
  const findings = judge(destination.located, answered, isRefusal ? () => undefined : record);
  return findings.length > 0 && isRefusal && asRefusal().length === 0 ? [] : findings;
}

function judge(located: Located, { method, response }: Answered, record: OnOperation): Finding[] {
  const { service } = located;
  const match = findOperation(service.contract.operations, { method, ...located });
  if (match.kind === 'operation') {
    record(service, match.operation, response.status);
    return checkResponse(service, { operation: match.operation, method, response });
  }
  if (HAS_NO_SUCH.includes(response.status) || method.toUpperCase() === 'OPTIONS') return [];
  const what = match.kind === 'unknown-path' ? located.path : `${method} ${match.path}`;
  return [
    {
      rule: 'undocumented-operation',
      message: `the contract has no ${what}, but the answer is ${response.status}`,
      subject: `${service.name} ${method} ${located.path} ${response.status}`,
    },
  ];
}
