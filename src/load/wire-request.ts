/** One request as it goes onto the wire, every expression in it evaluated. */
export interface WireRequest {
  /** `http://host:port` or `https://host:port`, lower case, with the port always written. */
  readonly origin: string;
  readonly hostname: string;
  readonly port: number;
  /** What the Host header says. */
  readonly host: string;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}
