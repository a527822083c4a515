import type { Problem } from '../errors/shopctl-error.ts';
import type { SchemaError } from '../lib/json-schema.ts';
import { codeFrame } from './code-frame.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Path, SourceDocument } from './document.ts';

/** A problem at a place of `document`, with its code frame. */
export function problemAt(document: SourceDocument, path: Path, message: string, hint?: string): Problem {
  return problemFrom(document, { path, message, part: 'value', ...(hint === undefined ? {} : { hint }) });
}

/** Turns validator errors into sentences that name the place in the file and, for a slip of the fingers, the remedy. */
export function schemaProblems(document: SourceDocument, errors: readonly SchemaError[]): Problem[] {
  return errors.map((error) => problemFrom(document, explain(error)));
}

interface Explained {
  readonly path: Path;
  readonly part: 'key' | 'value';
  readonly message: string;
  readonly hint?: string;
}

function explain(error: SchemaError): Explained {
  const { path } = error;
  switch (error.kind) {
    case 'unknown-key': {
      const near = didYouMean(error.key, error.known);
      const hint = near === undefined ? `known keys: ${error.known.join(', ')}` : `did you mean \`${near}\`?`;
      return {
        path: [...path, error.key],
        part: 'key',
        message: `unknown key \`${error.key}\`${inside(path)}`,
        hint,
      };
    }
    case 'missing-key':
      return { path, part: 'key', message: `the key \`${error.key}\` is missing${inside(path)}` };
    case 'bad-name':
      return {
        path: [...path, error.name],
        part: 'key',
        message: `\`${error.name}\`${inside(path)} must be ${error.expected}`,
      };
    case 'not-in-list': {
      const near = typeof error.value === 'string' ? didYouMean(error.value, error.allowed) : undefined;
      const hint = near === undefined ? `one of: ${error.allowed.join(', ')}` : `did you mean \`${near}\`?`;
      return { path, part: 'value', message: `${show(error.value)} is not allowed${as(path)}`, hint };
    }
    case 'expected':
      return {
        path,
        part: 'value',
        message: `${subject(path)} must be ${error.expected}, not ${show(error.value)}`,
      };
  }
}

function problemFrom(document: SourceDocument, { path, part, message, hint }: Explained): Problem {
  const place = document.placeOf(path, part);
  return { message, place, frame: codeFrame(document.text, place), ...(hint === undefined ? {} : { hint }) };
}

const lastName = (path: Path) => path.findLast((step) => typeof step === 'string');
const inside = (path: Path) => (path.length === 0 ? '' : ` in \`${path.join('.')}\``);
const as = (path: Path) => (path.length === 0 ? '' : ` as \`${lastName(path) ?? path.join('.')}\``);
const subject = (path: Path) => (path.length === 0 ? 'the file' : `\`${path.join('.')}\``);

function show(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (value === null || value === undefined) return 'empty';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
