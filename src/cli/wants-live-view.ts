import type { CliContext } from './context.ts';
import { isForeground } from './live/is-foreground.ts';

/** Less than this shows nothing of use. */
const LEAST = { columns: 20, rows: 6 };

/** A person sits there: lines go to a terminal, keys come from one, and nobody asked for less. */
export function wantsLiveView(
  { stdout, interactive }: Pick<CliContext, 'stdout' | 'interactive'>,
  { raw, plain }: { readonly raw: boolean; readonly plain: boolean },
): boolean {
  if (raw || plain || !interactive) return false;
  if (stdout.isTTY !== true || process.stdin.isTTY !== true) return false;
  return stdout.columns >= LEAST.columns && stdout.rows >= LEAST.rows && isForeground();
}
