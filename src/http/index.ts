/**
 * Sends one request and says what came of it: an answer or a failure, as data.
 * Knows nothing of suites, expectations and contracts.
 */
export { createHttpClient, type HttpClient } from './client.ts';
export type { HttpRequest, RequestBody } from './request.ts';
export { isJson } from './response.ts';
export type { TrustedAuthority } from './trust.ts';
