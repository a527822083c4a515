/** Matches routing keys against a pattern of words: `*` is exactly one, `#` any number of them. */
export function topicMatcher(pattern: string): (routingKey: string) => boolean {
  const words = wordsOf(pattern);
  if (!words.includes('*') && !words.includes('#')) return (key) => key === pattern;
  return (key) => matches(words, wordsOf(key));
}

/** The empty key has no words at all. */
function wordsOf(key: string): readonly string[] {
  return key === '' ? [] : key.split('.');
}

/**
 * Walks the key once and keeps every place of the pattern that it may stand at, so that a pattern of many `#` costs no
 * more than words × pattern.
 */
function matches(pattern: readonly string[], key: readonly string[]): boolean {
  let places = withSkips(pattern, [0]);
  for (const word of key) {
    const next: number[] = [];
    for (const place of places) {
      const wanted = pattern[place];
      if (wanted === '#') next.push(place);
      else if (wanted === '*' || wanted === word) next.push(place + 1);
    }
    places = withSkips(pattern, next);
    if (places.size === 0) return false;
  }
  return places.has(pattern.length);
}

/** A `#` may also stand for nothing: whoever stands at one stands behind it too. */
function withSkips(pattern: readonly string[], places: readonly number[]): ReadonlySet<number> {
  const all = new Set<number>();
  for (let place of places) {
    all.add(place);
    while (pattern[place] === '#') all.add(++place);
  }
  return all;
}
