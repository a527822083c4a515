// Reads a service's OpenAPI document and checks requests against it: the document is the one source.
// It must not know Express, nor what any operation does.

export type { RawRequest, ValidRequest } from './check-request.ts';
export { type Contract, loadContract } from './load.ts';
