import type { BindingDefinition } from '../journal/journal.ts';
import { canonical } from './arguments.ts';
import type { Exchange, Matcher } from './exchange.ts';
import type { Queue } from './queue.ts';

/** One way out of an exchange. */
export interface Binding {
  readonly definition: BindingDefinition;
  readonly source: Exchange;
  readonly destination: Queue | Exchange;
  readonly matches: Matcher;
}

/** All bindings, by where they begin and by where they lead. */
export class Bindings {
  /** Within an exchange by {@link bindingKey}. */
  readonly #outgoing = new Map<Exchange, Map<string, Binding>>();
  readonly #incoming = new Map<Queue | Exchange, Set<Binding>>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  from(exchange: Exchange): readonly Binding[] {
    return [...(this.#outgoing.get(exchange)?.values() ?? [])];
  }

  to(destination: Queue | Exchange): readonly Binding[] {
    return [...(this.#incoming.get(destination) ?? [])];
  }

  hasAnyFrom(exchange: Exchange): boolean {
    return this.#outgoing.has(exchange);
  }

  find(source: Exchange, definition: BindingDefinition): Binding | undefined {
    return this.#outgoing.get(source)?.get(bindingKey(definition));
  }

  add(binding: Binding): void {
    const { source, destination, definition } = binding;
    const outgoing = this.#outgoing.get(source) ?? new Map<string, Binding>();
    const incoming = this.#incoming.get(destination) ?? new Set<Binding>();
    this.#outgoing.set(source, outgoing.set(bindingKey(definition), binding));
    this.#incoming.set(destination, incoming.add(binding));
    this.#count += 1;
  }

  /** False when it has gone already. */
  remove(binding: Binding): boolean {
    const { source, destination, definition } = binding;
    const outgoing = this.#outgoing.get(source);
    if (outgoing?.delete(bindingKey(definition)) !== true) return false;
    if (outgoing.size === 0) this.#outgoing.delete(source);
    const incoming = this.#incoming.get(destination);
    incoming?.delete(binding);
    if (incoming?.size === 0) this.#incoming.delete(destination);
    this.#count -= 1;
    return true;
  }
}

/** Equal for the same binding, whatever the order of its arguments. */
export function bindingKey({ destination, routingKey, arguments: args }: BindingDefinition): string {
  return JSON.stringify([destination.kind, destination.name, routingKey, canonical(args)]);
}
