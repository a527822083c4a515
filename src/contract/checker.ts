import type { ContractCoverage, Exchange, Finding } from '../model/index.ts';
import { checkResponse } from './check-response.ts';
import { createCoverageLedger } from './coverage.ts';
import { createLocator } from './locate.ts';
import { findOperation } from './openapi/find-operation.ts';
import { type ContractService, withValidators } from './service.ts';

/** Judges every exchange of a run by the contracts of the services that answered, and keeps count of what was seen. */
export interface ContractChecker {
  /**
   * What the answer breaks; nothing for a failed exchange or for a service without contract. Only the answer is
   * judged: a request may be wrong on purpose.
   *
   * @throws ShopctlError `contract-invalid` when a schema that is needed cannot be compiled
   */
  check(exchange: Exchange): readonly Finding[];
  /** Which documented answers the exchanges so far have shown. */
  coverage(): ContractCoverage;
}

/** How a server says that it has no such path or method: what an undocumented one is allowed to answer. */
const HAS_NO_SUCH = [404, 405];

export function createContractChecker(services: readonly ContractService[]): ContractChecker {
  const ledger = createCoverageLedger(services);
  const locate = createLocator(services.map(withValidators));
  return {
    coverage: () => ledger.report(),
    check: ({ request, response }) => {
      const located = response === undefined ? undefined : locate(request.url);
      if (response === undefined || located === undefined) return [];
      const { service } = located;
      const match = findOperation(service.contract.operations, { method: request.method, ...located });
      if (match.kind === 'operation') {
        const { operation } = match;
        ledger.record(service.name, operation, response.status);
        return checkResponse(service, { operation, method: request.method, response });
      }
      const isRefusal = HAS_NO_SUCH.includes(response.status) || request.method.toUpperCase() === 'OPTIONS';
      if (isRefusal) return [];
      const what = match.kind === 'unknown-path' ? located.path : `${request.method} ${match.path}`;
      return [
        {
          rule: 'undocumented-operation',
          message: `the contract has no ${what}, but the answer is ${response.status}`,
          subject: `${service.name} ${request.method} ${located.path} ${response.status}`,
        },
      ];
    },
  };
}
