export type CommandWords =
  | { readonly ok: true; readonly words: readonly string[] }
  | { readonly ok: false; readonly reason: string };

const TOKEN =
  /(?<space>\s+)|"(?<double>(?:\\.|[^"\\])*)"|'(?<single>[^']*)'|\\(?<escaped>.)|(?<operator>[|&;<>()`])|(?<open>["'\\])|(?<plain>[^\s"'\\|&;<>()`]+)/gs;

/**
 * Splits a command line into words as a shell would (quotes, backslash), without ever running a shell.
 * Unquoted shell operators are refused rather than handed on as words that would mean nothing.
 */
export function commandWords(line: string): CommandWords {
  const words: string[] = [];
  let word: string | undefined;
  for (const { groups = {} } of line.matchAll(TOKEN)) {
    if (groups['operator'] !== undefined)
      return { ok: false, reason: `\`${groups['operator']}\` needs a shell` };
    if (groups['open'] !== undefined) return { ok: false, reason: `the ${groups['open']} is not closed` };
    if (groups['space'] === undefined) {
      word = (word ?? '') + pieceOf(groups);
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (word !== undefined) words.push(word);
  return words.length === 0 ? { ok: false, reason: 'it is empty' } : { ok: true, words };
}

function pieceOf(groups: Record<string, string | undefined>): string {
  const quoted = groups['double']?.replace(/\\(["\\$`])/g, '$1');
  return quoted ?? groups['single'] ?? groups['escaped'] ?? groups['plain'] ?? '';
}
