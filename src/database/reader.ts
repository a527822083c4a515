/** A value of a row. Integers that JavaScript cannot hold exactly, decimals, and bytes (`\x…`) are texts. */
export type Cell = string | number | boolean | null;

export interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** There are more. */
  readonly isCut: boolean;
}

/** A database that is open for reading. */
export interface DatabaseReader {
  /**
   * Runs one statement that {@link readStatement} has taken.
   * @param limit so many rows at most
   * @throws ShopctlError `sql-invalid`, `sql-slow`
   */
  query(text: string, limit: number): Promise<Rows>;
  /** The tables of the database and how many rows each has: columns `table` and `rows`. */
  tables(): Promise<Rows>;
}

export interface ReadLimits {
  /** Aborted: whatever runs is given up, and the promise rejects. */
  readonly signal: AbortSignal;
  /** For the connection, and for each statement. */
  readonly timeoutMs: number;
}

/** Exact where that is possible. */
export function exactInteger(text: string): number | string {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
}
