import type { Contract } from './openapi/contract.ts';
import { createValidators, type Validators } from './openapi/validators.ts';

/** A service of a run, where it is reached, and the contract that it promises to keep. */
export interface ContractService {
  readonly name: string;
  /** Such as `http://127.0.0.1:5002`; a path of its own stands for the paths of the document's servers. */
  readonly baseUrl: string;
  readonly contract: Contract;
  /** The variables that it runs with; `env.NAME` in its document reads them. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Names of services that `x-needs` may ask for. */
export interface ServiceNames {
  /** Those of the topology. */
  readonly present: readonly string[];
  /** Those of the whole configuration. */
  readonly all: readonly string[];
}

/** A service together with the compiled schemas of its contract. */
export interface LoadedContract extends ContractService {
  readonly validators: Validators;
}

const known = new WeakMap<Contract, Validators>();

/** To compile schemas takes far longer than to check by them: those of one and the same contract are compiled once. */
export function withValidators(service: ContractService): LoadedContract {
  const { contract } = service;
  const validators = known.get(contract) ?? createValidators(contract);
  known.set(contract, validators);
  return { ...service, validators };
}
