/**
 * Errors that a user can act on: a of codes with exit codes and remedies, and their rendering.
 * Knows nothing of who throws them.
 */
export { type ErrorCode, EXIT, type ExitCode } from './catalogue.ts';
export { errorToJson, renderError } from './render.ts';
export { type ErrorFacts, messageOf, type Problem, ShopctlError } from './shopctl-error.ts';
