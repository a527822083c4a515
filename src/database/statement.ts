import type { DatabaseAddress } from './address.ts';

type Dialect = DatabaseAddress['kind'];

export type ReadStatement =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string; readonly hint: string };

/** Comments and everything quoted, in which a semicolon ends nothing. */
const QUOTED: Readonly<Record<Dialect, RegExp>> = {
  sqlite: /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]/g,
  postgresql:
    /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\be'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$(?:[a-z_]\w*)?\$)[\s\S]*?\1/gi,
};

const READING = ['select', 'with', 'values'];

/**
 * Takes one statement that only reads. This is for a clear sentence: what keeps a database from being changed is that
 * it is opened for reading only.
 */
export function readStatement(sql: string, dialect: Dialect): ReadStatement {
  // What is quoted keeps its length, so that places in what is left are places in `sql`.
  const bare = sql.replaceAll(QUOTED[dialect], (quoted) => ' '.repeat(quoted.length));
  const end = bare.search(/;/);
  if (end !== -1 && /[^\s;]/.test(bare.slice(end)))
    return { ok: false, reason: 'these are several statements', hint: 'one at a time' };
  const text = (end === -1 ? sql : sql.slice(0, end)).trim();
  const word = /[a-z_]+/i.exec(bare)?.[0]?.toLowerCase();
  if (word === undefined) return { ok: false, reason: 'there is no statement', hint: 'write SELECT …' };
  if (READING.includes(word)) return { ok: true, text };
  return {
    ok: false,
    reason: `\`${word.toUpperCase()}\` is not a query`,
    hint: 'only SELECT, WITH … SELECT and VALUES are run: the database is only looked into',
  };
}
