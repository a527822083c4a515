import type { Table } from '../wire/methods.ts';
import type { Binding } from './bindings.ts';
import { Exchange } from './exchange.ts';
import type { Queue } from './queue.ts';

export interface Names {
  exchange(name: string): Exchange | undefined;
  queue(name: string): Queue | undefined;
  bindings(exchange: Exchange): readonly Binding[];
}

const CACHED_KEYS = 2_000;

/** Finds the queues of a message. What it found for a routing key it remembers until anything about the names changes. */
export class Router {
  readonly #names: Names;
  readonly #cache = new Map<Exchange, Map<string, readonly Queue[]>>();

  constructor(names: Names) {
    this.#names = names;
  }

  /** An exchange, a queue or a binding has come or gone. */
  forget(): void {
    this.#cache.clear();
  }

  /** Each queue once, however many ways lead to it. */
  route(exchange: Exchange, routingKeys: readonly string[], headers: Table): readonly Queue[] {
    const [only] = routingKeys;
    if (only !== undefined && routingKeys.length === 1) return this.#routeKey(exchange, only, headers);
    return [...new Set(routingKeys.flatMap((key) => this.#routeKey(exchange, key, headers)))];
  }

  #routeKey(exchange: Exchange, routingKey: string, headers: Table): readonly Queue[] {
    const known = this.#cache.get(exchange)?.get(routingKey);
    if (known !== undefined) return known;
    const { queues, isByKeyAlone } = this.#walk(exchange, routingKey, headers);
    if (isByKeyAlone) this.#remember(exchange, routingKey, queues);
    return queues;
  }

  #walk(start: Exchange, routingKey: string, headers: Table) {
    const queues = new Set<Queue>();
    const visited = new Set([start]);
    let isByKeyAlone = true;
    // Grows while it is walked: exchanges lead to exchanges.
    for (const exchange of visited) {
      isByKeyAlone &&= exchange.definition.type !== 'headers';
      for (const next of this.#step(exchange, routingKey, headers)) {
        if (next instanceof Exchange) visited.add(next);
        else queues.add(next);
      }
    }
    return { queues: [...queues], isByKeyAlone };
  }

  #step(exchange: Exchange, routingKey: string, headers: Table): readonly (Queue | Exchange)[] {
    const next: (Queue | Exchange)[] = [];
    if (exchange.name === '') {
      const queue = this.#names.queue(routingKey);
      if (queue !== undefined) next.push(queue);
    }
    for (const { matches, destination } of this.#names.bindings(exchange)) {
      if (matches(routingKey, headers)) next.push(destination);
    }
    if (next.length === 0 && exchange.alternate !== undefined) {
      const alternate = this.#names.exchange(exchange.alternate);
      if (alternate !== undefined) next.push(alternate);
    }
    return next;
  }

  #remember(exchange: Exchange, routingKey: string, queues: readonly Queue[]): void {
    const keys = this.#cache.get(exchange) ?? new Map<string, readonly Queue[]>();
    if (keys.size >= CACHED_KEYS) keys.clear();
    keys.set(routingKey, queues);
    this.#cache.set(exchange, keys);
  }
}
