const GAP = '  ';
const MAX_NAME = 40;

/** Rows as lines: the first column to the left and shortened, the others to the right, each as wide as it must be. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const cut = rows.map(([name = '', ...cells]) => [shorten(name), ...cells]);
  const widths = (cut[0] ?? []).map((_, column) => Math.max(...cut.map((row) => row[column]?.length ?? 0)));
  return cut.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join(GAP),
  );
}

const shorten = (name: string) => (name.length > MAX_NAME ? `${name.slice(0, MAX_NAME - 1)}…` : name);
