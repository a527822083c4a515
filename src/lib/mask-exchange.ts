import type { Exchange } from '../model/index.ts';
import type { Mask } from './mask.ts';

/** An exchange without secrets; the kind of its failure is a word of ours and stays what it is. */
export function maskedExchange(exchange: Exchange, mask: Mask): Exchange {
  const masked = mask.apply(exchange);
  if (exchange.failure === undefined || masked.failure === undefined) return masked;
  return { ...masked, failure: { ...masked.failure, kind: exchange.failure.kind } };
}
