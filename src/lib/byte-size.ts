const UNIT_BYTES = { B: 1, KB: 1_000, MB: 1_000_000, GB: 1_000_000_000 } as const;

/** What {@link parseByteSize} accepts, as a JSON Schema pattern: `512KB`, `50MB`, `1.5GB`. */
export const BYTE_SIZE_PATTERN = '^\\d+(\\.\\d+)?(B|KB|MB|GB)$';

/** Bytes of `512KB`, `50MB`, `1.5GB` (decimal units); undefined when the text is no size. */
export function parseByteSize(text: string): number | undefined {
  if (!new RegExp(BYTE_SIZE_PATTERN).test(text)) return undefined;
  const [, amount, unit] = /^([\d.]+)(\w+)$/.exec(text) ?? [];
  return Math.round(Number(amount) * UNIT_BYTES[unit as keyof typeof UNIT_BYTES]);
}

/** A size for people: `812 B`, `4.1 kB`, `96 MB`, `1.2 GB`. */
export function formatByteSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let amount = bytes;
  let unit = 0;
  // 999.5 would be shown as 1000 of the smaller unit.
  while (amount >= 999.5 && unit < units.length - 1) {
    amount /= 1_000;
    unit += 1;
  }
  const digits = unit === 0 || amount >= 9.95 ? 0 : 1;
  return `${amount.toFixed(digits)} ${units[unit]}`;
}
