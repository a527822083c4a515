/**
 * As many of the lines as there is room for, among them the one at `at`; a line in place of those before and behind says
 * how many they are.
 */
export function rowsAround(lines: readonly string[], at: number, room: number): string[] {
  if (lines.length <= room) return [...lines];
  if (room < 3) return lines.slice(at, at + Math.max(1, room));
  const note = (count: number) => (count === 0 ? [] : [`  … ${count} more`]);
  const isNearStart = at < room - 1;
  const isNearEnd = at >= lines.length - (room - 1);
  const count = isNearStart || isNearEnd ? room - 1 : room - 2;
  const from = isNearStart ? 0 : isNearEnd ? lines.length - count : at - Math.floor(count / 2);
  return [...note(from), ...lines.slice(from, from + count), ...note(lines.length - from - count)];
}
