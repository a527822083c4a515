import type autocannon from 'autocannon';

/** The HTTP parser inside a connection (http-parser-js). */
export interface ResponseParser {
  readonly state: string;
  /** Returns an error, rather than throwing it, when the bytes are no HTTP. */
  execute(chunk: Buffer): unknown;
  finish(): unknown;
  initialize(type: 'RESPONSE'): void;
}

/**
 * What lies behind autocannon's public connection object (9.0.0, lib/httpClient.js). A lane takes over its network
 * side; {@link isConnection} checks the shape, so that another version fails at once rather than measure nonsense.
 */
export interface AutocannonConnection extends autocannon.Client {
  /** Milliseconds; the public option takes whole seconds only. */
  timeout: number;
  readonly destroyed: boolean;
  readonly parser: ResponseParser;
  readonly pipelinedRequests: { clear(): void };
  conn: { write(): void };
  _connect(): void;
  _destroyConnection(): void;
  _doRequest(): void;
}

const METHODS = ['_connect', '_destroyConnection', '_doRequest'];

export function isConnection(client: autocannon.Client): client is AutocannonConnection {
  return (
    METHODS.every((method) => typeof Reflect.get(client, method) === 'function') &&
    typeof Reflect.get(client, 'timeout') === 'number' &&
    typeof Reflect.get(client, 'destroyed') === 'boolean' &&
    hasMethods(Reflect.get(client, 'parser'), ['execute', 'finish', 'initialize']) &&
    hasMethods(Reflect.get(client, 'pipelinedRequests'), ['clear'])
  );
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    names.every((name) => typeof Reflect.get(value, name) === 'function')
  );
}
