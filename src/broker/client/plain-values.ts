/** Tables of tables deeper than this are not looked into: nobody reads them, and a hostile one has no bottom. */
const MOST_DEPTH = 8;

/** A header's value as JSON has it: times in ISO 8601, bytes as text, decimals as text. */
export function plain(value: unknown, depth = 0): unknown {
  if (depth > MOST_DEPTH) return '…';
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  if (Array.isArray(value)) return value.map((item: unknown) => plain(item, depth + 1));
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if ('!' in value && 'value' in value) return typed(value['!'], value.value, depth);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item, depth + 1)]));
}

/** What amqplib marks, since JavaScript has no such type. */
function typed(type: unknown, value: unknown, depth: number): unknown {
  if (type === 'timestamp' && typeof value === 'number') {
    const date = new Date(value * 1_000);
    return Number.isNaN(date.getTime()) ? value : date.toISOString();
  }
  if (type === 'decimal' && isDecimal(value)) return String(value.digits / 10 ** value.places);
  return plain(value, depth + 1);
}

const isDecimal = (value: unknown): value is { readonly digits: number; readonly places: number } =>
  typeof value === 'object' &&
  value !== null &&
  'digits' in value &&
  'places' in value &&
  typeof value.digits === 'number' &&
  typeof value.places === 'number';
