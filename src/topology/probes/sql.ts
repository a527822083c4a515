import type { Probe } from '../../config/probe-spec.ts';
import { type Cell, openDatabase, shownDatabase } from '../../database/index.ts';
import { ShopctlError } from '../../errors/index.ts';
import { type Look, type ProbeKind, TRY_LIMIT_MS } from './kind.ts';
import type { Sight } from './sight.ts';

type SqlProbe = Probe<'sql'>;

/** A query on the service's own database gives a row whose first value is true. */
export const sql: ProbeKind<SqlProbe> = {
  look: async ({ statement, database }, { timeoutMs, signal }: Look): Promise<Sight> => {
    signal.throwIfAborted();
    try {
      const reader = await openDatabase(database, { timeoutMs, signal });
      const { rows } = await reader.query(statement, 1);
      const [row] = rows;
      if (row === undefined) return { kind: 'unmet', words: 'gave no row' };
      const [value = null] = row;
      return isTrue(value)
        ? { kind: 'answers' }
        : { kind: 'unmet', words: `gave ${value === null ? 'NULL' : JSON.stringify(value).slice(0, SHOWN)}` };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ShopctlError)) throw error;
      const { message, hint, code } = error;
      return {
        kind: 'unmet',
        words: `failed: ${message}`,
        ...(hint === undefined || code === 'database-missing' ? {} : { remedy: hint }),
        isFinal: code === 'dependency-missing',
      };
    }
  },
  subject: ({ statement, database }) => `\`${statement}\` on ${shownDatabase(database)}`,
  remedy: (_sight, { name }) =>
    `it holds when the first value of the first row is true: not NULL, 0, false or empty. Correct \`ready.sql\` or \`database\` of ${name}, or see \`shopctl logs ${name}\``,
  usualLimitMs: TRY_LIMIT_MS,
  knocks: () => false,
};

const SHOWN = 100;

/** Decimals come as texts. */
function isTrue(value: Cell): boolean {
  if (typeof value !== 'string') return Boolean(value);
  return value !== '' && value !== 'f' && value !== 'false' && !/^[+-]?0+(\.0+)?$/.test(value);
}
