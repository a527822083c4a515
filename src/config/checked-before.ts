import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { configSchema } from './schema/config.ts';

/** What a text that was found to be in order holds, kept beside the state: to read and check it costs more than `status`. */
interface Checked {
  /** Another text, and another version of what is allowed, are read anew. */
  readonly text: string;
  readonly schema: string;
  readonly data: unknown;
}

const SCHEMA = JSON.stringify(configSchema);

const fileIn = (stateDir: string) => join(stateDir, 'checked-config.json');

/** What this very text held when it was last read and found to be in order; undefined when that is not known. */
export function recallChecked(stateDir: string, text: string): { readonly data: unknown } | undefined {
  try {
    const known: unknown = JSON.parse(readFileSync(fileIn(stateDir), 'utf8'));
    return isChecked(known) && known.text === text && known.schema === SCHEMA ? known : undefined;
  } catch {
    // None was kept, or somebody has spoilt it: then the text is read.
    return undefined;
  }
}

/** Keeps what a text in order holds, where there is a folder for state already. */
export function keepChecked(stateDir: string, text: string, data: unknown): void {
  const json = JSON.stringify({ text, schema: SCHEMA, data } satisfies Checked);
  // YAML knows numbers that JSON does not.
  if (!existsSync(stateDir) || !isDeepStrictEqual(JSON.parse(json).data, data)) return;
  const temporary = `${fileIn(stateDir)}.${process.pid}`;
  try {
    writeFileSync(temporary, json);
    renameSync(temporary, fileIn(stateDir));
  } catch {
    clearAway(temporary);
  }
}

function clearAway(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Where nothing can be written, there is nothing to clear away.
  }
}

function isChecked(value: unknown): value is Checked {
  return (
    typeof value === 'object' && value !== null && 'text' in value && 'schema' in value && 'data' in value
  );
}
