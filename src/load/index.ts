/**
 * Load: a profile is checked, driven against services on this machine, and judged by its thresholds.
 * Knows nothing of how services are started, and prints nothing.
 */
export { prepareLoad } from './prepare-load.ts';
export { type LoadRun, runLoad } from './run-load.ts';
