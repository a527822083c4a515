import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Where the build leaves what it has read, under the SHA-256 of the text: there is none for a text that has changed. */
const readAlready = new URL('../contracts/', import.meta.url);

/** What a YAML text says. To read YAML takes longer than all else that a service does before it listens. */
export async function readYaml(text: string): Promise<unknown> {
  const digest = createHash('sha256').update(text).digest('hex');
  const known = readKnown(new URL(`${digest}.json`, readAlready));
  if (known !== undefined) return JSON.parse(known);
  const { parse } = await import('yaml');
  return parse(text);
}

function readKnown(file: URL): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
