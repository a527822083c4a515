/**
 * End-to-end suites: read and checked in full before anything is sent, then run against services by their base URLs.
 * Knows nothing of how services are started, what contracts say, and how results are printed.
 */
export { compileJourney, type Journey } from './compile-journey.ts';
export { findSuites } from './find-suites.ts';
export { loadSuites } from './load.ts';
export { type JourneyOutcome, runJourney, type SendStep } from './run-journey.ts';
export { type RunSuitesOptions, runSuites } from './run-suites.ts';
export { sharedSchema, suiteSchema } from './schema.ts';
export { selectTests } from './select.ts';
export type { Suite } from './suite.ts';
