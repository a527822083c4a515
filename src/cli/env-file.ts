import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { messageOf, ShopctlError } from '../errors/index.ts';

/** Variables of a dotenv file, as `node --env-file` reads them. */
export function readEnvFile(file: string): Record<string, string | undefined> {
  try {
    // A byte order mark would become part of the first name.
    return { ...parseEnv(readFileSync(file, 'utf8').replace(/^\uFEFF/, '')) };
  } catch (error) {
    throw new ShopctlError('file-unreadable', {
      message: `the file ${file} given with --env-file cannot be read: ${messageOf(error)}`,
      hint: 'give the path of a file with NAME=value lines',
      cause: error,
    });
  }
}
