/**
 * Contracts: OpenAPI documents as validators, the judgement of single exchanges, and the verification of services by
 * their documented examples. Knows nothing of suites, processes and how results are printed.
 */
export { createContractChecker } from './checker.ts';
export { loadContracts } from './load-contracts.ts';
export type { ContractService, ServiceNames } from './service.ts';
export { assertVerifiable, verifyContracts } from './verify/verify-contracts.ts';
