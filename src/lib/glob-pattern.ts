const SPECIAL = /[*?{}[\]]/;

/** Whether a path is a pattern: with `*`, `?`, `[…]` or `{…}`. */
export const isPattern = (path: string) => SPECIAL.test(path);

/** The folders of a pattern before its first part with a wildcard: where whatever it fits must be. */
export function patternBase(pattern: string): string {
  const parts = pattern.split('/');
  const first = parts.findIndex(isPattern);
  return first === -1 ? pattern : parts.slice(0, first).join('/') || '/';
}

/**
 * A pattern of paths with `/`: `*` and `?` within a part, `**` for any number of parts, `{a,b}` (not nested), `[a-z]`.
 * What has no meaning as a pattern stands for itself.
 */
export function globPattern(pattern: string): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; ) {
    const rest = pattern.slice(at);
    const [token, translated] = translate(rest);
    source += translated;
    at += token.length;
  }
  return new RegExp(`^${source}$`);
}

function translate(rest: string): readonly [token: string, source: string] {
  if (rest.startsWith('**/')) return ['**/', '(?:[^/]+/)*'];
  if (rest.startsWith('**')) return ['**', '.*'];
  if (rest.startsWith('*')) return ['*', '[^/]*'];
  if (rest.startsWith('?')) return ['?', '[^/]'];
  const [choice, inner] = /^\{([^{}]*)\}/.exec(rest) ?? [];
  if (choice !== undefined) {
    const choices = (inner ?? '').split(',').map((each) => globPattern(each).source.slice(1, -1));
    return [choice, `(?:${choices.join('|')})`];
  }
  const [set, negation, members] = /^\[([!^]?)([^[\]\\/]+)\]/.exec(rest) ?? [];
  if (set !== undefined) return [set, `[${negation === '' ? '' : '^'}${members}]`];
  const [char = ''] = rest;
  return [char, char.replace(/[.+^$()|[\]{}\\]/g, '\\$&')];
}
