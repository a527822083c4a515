import { bindingKey } from '../core/bindings.ts';
import { decodeTable, encodeTable } from '../wire/codec.ts';
import type { Table } from '../wire/methods.ts';
import type { Definition } from './journal.ts';

/** A definition as the journal has it. */
export interface DefinitionRow {
  readonly kind: Definition['kind'];
  readonly key: string;
  /** JSON; argument tables in it are wire bytes in base64, because JSON does not know all of their types. */
  readonly value: string;
}

export function rowOf(definition: Definition): DefinitionRow {
  const { kind } = definition;
  if (kind === 'binding') {
    const { binding } = definition;
    return { kind, key: JSON.stringify([binding.source, bindingKey(binding)]), value: write(binding) };
  }
  const named = kind === 'queue' ? definition.queue : definition.exchange;
  return { kind, key: named.name, value: write(named) };
}

/** Reads what {@link rowOf} has written. */
export function definitionOf({ kind, value }: DefinitionRow): Definition {
  const parsed = JSON.parse(value);
  const fields = { ...parsed, arguments: decodeTable(Buffer.from(parsed.arguments, 'base64')) };
  if (kind === 'queue') return { kind, queue: fields };
  if (kind === 'exchange') return { kind, exchange: fields };
  return { kind, binding: fields };
}

function write(fields: { readonly arguments: Table }): string {
  const table = encodeTable(fields.arguments).subarray(4);
  return JSON.stringify({ ...fields, arguments: table.toString('base64') });
}
