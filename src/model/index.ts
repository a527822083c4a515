/**
 * The vocabulary of runs: what was exchanged, what was found, what came out. Types only.
 * Knows nothing of who produces or prints them.
 */
export type {
  ContractCall,
  ContractCheck,
  ContractCoverage,
  ContractResult,
  SkippedCall,
} from './contract-result.ts';
export type { Exchange, ExchangeFailure, ReceivedResponse, SentRequest } from './exchange.ts';
export type { Finding } from './finding.ts';
export type {
  GeneratorHealth,
  LatencySummary,
  LoadJourneyFailure,
  LoadJourneys,
  LoadResult,
  LoadSecond,
  LoadTally,
  LoadVerdict,
  MetricReading,
  Percentile,
  ThresholdVerdict,
} from './load-result.ts';
export type { RunEvent } from './run-event.ts';
export type { LogLine, ServiceEvent, ServiceExit, StopOutcome } from './service-event.ts';
export type {
  Difference,
  Failure,
  Mismatch,
  Outcome,
  Phase,
  StepResult,
  SuiteResult,
  SuiteRunResult,
  TestResult,
  TracedValue,
} from './suite-result.ts';
