import { fromPointer } from '../../lib/json-pointer.ts';
import type { Path } from '../../source/index.ts';
import type { Assignment, AssignmentTarget, AssignmentValue, BindingReference } from './contract.ts';

/**
 * Reads one line of `x-set`: `body/user_id: $user.id`, `path/id: $unique`, `header/x-key: literal`,
 * `header/authorization: Bearer ${session.token}`, `basic: name:${env.SECRET}`.
 *
 * @returns the assignment, or a sentence that says what is wrong
 */
export function readAssignment(target: string, value: unknown, at: Path): Assignment | string {
  const readTarget = targetOf(target);
  if (readTarget === undefined) {
    return `\`${target}\` names no part of a request; write body/…, path/NAME, query/NAME, header/NAME or basic`;
  }
  const readValue = readValueOf(value);
  if (readValue === undefined) {
    return `\`${String(value)}\` is not a reference; write $NAME.field, ${'${NAME.field}'} within a text, $unique, or $$ for a dollar sign at the start`;
  }
  return { target: readTarget, value: readValue, ...(target === BASIC ? { isBasic: true } : {}), at };
}

const BASIC = 'basic';

function targetOf(text: string): AssignmentTarget | undefined {
  if (text === BASIC) return { in: 'header', name: 'authorization' };
  if (text === 'body' || text.startsWith('body/')) return { in: 'body', steps: fromPointer(text.slice(4)) };
  const [, place, name] = /^(path|query|header)\/(.+)$/.exec(text) ?? [];
  if (name === undefined) return undefined;
  if (place === 'path' || place === 'query') return { in: place, name };
  return { in: 'header', name };
}

const REFERENCE = /^([A-Za-z_][A-Za-z0-9_]*)((?:\.[^.]+)*)$/;

function readValueOf(value: unknown): AssignmentValue | undefined {
  if (typeof value !== 'string') return { kind: 'literal', value };
  if (value.startsWith('$$')) return { kind: 'literal', value: value.slice(1) };
  if (value.includes('${')) return readText(value);
  if (!value.startsWith('$')) return { kind: 'literal', value };
  return value === '$unique' ? { kind: 'unique' } : readReference(value.slice(1));
}

/** `Bearer ${session.access_token}`: pieces of text and references in turn. */
function readText(text: string): AssignmentValue | undefined {
  const parts: (string | BindingReference)[] = [];
  // A split by a pattern with a group alternates between what is outside of it and what is in the group.
  for (const [index, piece] of text.split(/\$\{([^{}]*)\}/).entries()) {
    const part = index % 2 === 0 ? piece : readReference(piece);
    if (part === undefined || (typeof part === 'string' && part.includes('${'))) return undefined;
    parts.push(part);
  }
  return { kind: 'text', parts };
}

function readReference(text: string): BindingReference | undefined {
  const [, name, path = ''] = REFERENCE.exec(text) ?? [];
  return name === undefined ? undefined : { kind: 'binding', name, steps: path.split('.').slice(1) };
}
