import { ShopctlError } from '../errors/index.ts';
import { parseDuration } from '../lib/duration.ts';

/** What is wrong on purpose with one route of a service, or with all that have nothing of their own. */
export interface Fault {
  /**
   * Such as `POST /payment/process`, with path parameters as in `GET /orders/{id}`, or `CONSUME order.created`; absent:
   * all routes.
   */
  readonly route?: string;
  /** `normal(MEAN, SD)`, `uniform(LOW, HIGH)` or `constant(TIME)`. */
  readonly latency?: string;
  /** A percentage, such as `50%`. */
  readonly failureRate?: string;
}

const METHOD_AND_PATH = /^([a-z]+)\s+(\/\S*)$/i;
/** What a service does with an event of that type. */
const CONSUMED_TYPE = /^consume\s+([^\s/]+)$/i;

/**
 * The fault with its route in one spelling. What the service does not know of these it refuses itself.
 *
 * @throws ShopctlError `usage` for a latency, a failure rate or a route that cannot be meant, and for a fault of nothing
 */
export function checkFault({ route, latency, failureRate }: Fault): Fault {
  if (latency === undefined && failureRate === undefined) {
    throw new ShopctlError('usage', {
      message: 'a fault needs `--latency`, `--failure-rate`, or both',
      hint: 'for example: shopctl fault set payments --failure-rate 50%',
    });
  }
  if (latency !== undefined && !isLatency(latency)) {
    throw new ShopctlError('usage', {
      message: `the latency \`${latency}\` cannot be read`,
      hint: 'write "normal(500ms, 80ms)", "uniform(20ms, 60ms)" or "constant(30ms)", in quotation marks',
    });
  }
  if (failureRate !== undefined && !isPercentage(failureRate)) {
    throw new ShopctlError('usage', {
      message: `the failure rate \`${failureRate}\` is not a percentage`,
      hint: 'write a number from 0 to 100 and a percent sign, such as 50% or 0.5%',
    });
  }
  return {
    ...(route === undefined ? {} : { route: checkRoute(route) }),
    ...(latency === undefined ? {} : { latency }),
    ...(failureRate === undefined ? {} : { failureRate }),
  };
}

/** @throws ShopctlError `usage` */
export function checkRoute(route: string): string {
  const [, method, path] = METHOD_AND_PATH.exec(route.trim()) ?? [];
  if (method !== undefined && path !== undefined) return `${method.toUpperCase()} ${path}`;
  const [, type] = CONSUMED_TYPE.exec(route.trim()) ?? [];
  if (type !== undefined) return `CONSUME ${type}`;
  throw new ShopctlError('usage', {
    message: `the route \`${route}\` is not a method and a path`,
    hint: 'write it as in the OpenAPI document: "POST /payment/process", "GET /orders/{id}"',
  });
}

function isLatency(text: string): boolean {
  const [, kind, inner = ''] = /^(constant|uniform|normal)\(([^()]*)\)$/.exec(text.trim()) ?? [];
  const times = inner.split(',').map((time) => parseDuration(time.trim()));
  return kind !== undefined && times.length === (kind === 'constant' ? 1 : 2) && !times.includes(undefined);
}

function isPercentage(text: string): boolean {
  return /^\d{1,3}(\.\d+)?%$/.test(text.trim()) && Number.parseFloat(text) <= 100;
}
