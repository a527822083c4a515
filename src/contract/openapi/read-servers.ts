import type { Path } from '../../source/index.ts';
import { objectOf, textOf } from './json.ts';
import type { Reader } from './reader.ts';

/** The path prefixes of the servers that apply: those of the first of `levels` that names any, else none (`''`). */
export function readBasePaths(reader: Reader, levels: readonly Path[]): [string, ...string[]] {
  for (const at of levels) {
    const [first, ...rest] = reader.items(at, 'servers').map((server) => basePathOf(reader, server.at));
    if (first !== undefined) return [first, ...rest];
  }
  return [''];
}

function basePathOf(reader: Reader, at: Path): string {
  const server = reader.object(at);
  const variables = objectOf(server.value['variables']);
  const url = (textOf(server.value['url']) ?? '/').replace(/\{([^{}]*)\}/g, (_, name: string) =>
    String(objectOf(variables[name])['default'] ?? ''),
  );
  try {
    return new URL(url, 'http://localhost').pathname.replace(/\/+$/, '');
  } catch {
    reader.report([...server.at, 'url'], `${url} is not a URL`);
    return '';
  }
}
