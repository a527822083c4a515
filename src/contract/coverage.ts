import type { ContractCoverage } from '../model/index.ts';
import type { Operation } from './openapi/contract.ts';
import { findResponse } from './openapi/status.ts';
import type { ContractService } from './service.ts';

/** Remembers which documented answers of which operations a run has seen. */
export interface CoverageLedger {
  /** An answer that the contract does not document counts for nothing. */
  record(service: string, operation: Operation, status: number): void;
  report(): ContractCoverage;
}

export function createCoverageLedger(services: readonly ContractService[]): CoverageLedger {
  const seen = new Set<string>();
  return {
    record: (service, operation, status) => {
      const documented = findResponse(operation.responses, status);
      if (documented !== undefined) seen.add(keyOf(service, operation, documented.status));
    },
    report: () => {
      const operations = services.flatMap(({ name, contract }) =>
        contract.operations.map((operation) => ({
          service: name,
          operation: operation.id,
          statuses: operation.responses.map(({ status }) => ({
            status,
            seen: seen.has(keyOf(name, operation, status)),
          })),
        })),
      );
      const statuses = operations.flatMap((operation) => operation.statuses);
      return {
        operations,
        operationsSeen: operations.filter((operation) => operation.statuses.some((status) => status.seen))
          .length,
        statusesSeen: statuses.filter((status) => status.seen).length,
        statusesDocumented: statuses.length,
      };
    },
  };
}

const keyOf = (service: string, operation: Operation, status: string) =>
  JSON.stringify([service, operation.method, operation.template.path, status]);
