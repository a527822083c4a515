import type { BindingDefinition, ExchangeDefinition } from '../journal/journal.ts';
import { AmqpError } from '../wire/amqp-error.ts';
import type { Table } from '../wire/methods.ts';
import { text } from './arguments.ts';
import { headersMatcher } from './headers-match.ts';
import { topicMatcher } from './topic-match.ts';

/** Whether a message with this routing key and these headers goes along a binding. */
export type Matcher = (routingKey: string, headers: Table) => boolean;

/** What a binding means to each type of exchange. */
const TYPES: Readonly<Record<string, (binding: BindingDefinition) => Matcher>> = {
  direct:
    ({ routingKey }) =>
    (key) =>
      key === routingKey,
  fanout: () => () => true,
  topic: ({ routingKey }) => topicMatcher(routingKey),
  headers: ({ arguments: args }) => headersMatcher(args),
};

/** What messages are published to: its type says which bindings they go along. */
export class Exchange {
  readonly definition: ExchangeDefinition;
  /** Where messages go that no binding takes. */
  readonly alternate: string | undefined;
  /** How many messages were published to it. */
  published = 0;

  /** @throws AmqpError 503 for an unknown type, 406 for arguments that cannot be meant */
  constructor(definition: ExchangeDefinition) {
    if (!Object.hasOwn(TYPES, definition.type)) {
      throw AmqpError.commandInvalid(`unknown exchange type '${definition.type}'`);
    }
    this.definition = definition;
    const place = `exchange '${definition.name}' in vhost '/'`;
    this.alternate = text(definition.arguments, 'alternate-exchange', place);
  }

  get name(): string {
    return this.definition.name;
  }

  /** @throws AmqpError 406 when the binding's arguments cannot be meant */
  matcher(binding: BindingDefinition): Matcher {
    const create = TYPES[this.definition.type];
    if (create === undefined) throw new Error(`no exchange type ${this.definition.type}`);
    return create(binding);
  }
}
