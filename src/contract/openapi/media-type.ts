/** The media type of a `Content-Type` value without its parameters, lower case; undefined for an empty one. */
export function mediaTypeOf(contentType: string | undefined): string | undefined {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  return type === '' ? undefined : type;
}

/** `application/json` and everything with the structured suffix `+json` (RFC 6839). */
export function isJson(mediaType: string): boolean {
  return mediaType === 'application/json' || mediaType.endsWith('+json') || mediaType === 'text/json';
}

/**
 * The entry of `documented` that stands for `actual`, the most specific one: the type itself, then a range such as
 * `application/*`, then any. A structured suffix is a type of its own, as its schema may well be another.
 */
export function findMediaType<T extends { readonly type: string }>(
  documented: readonly T[],
  actual: string,
): T | undefined {
  const family = `${actual.split('/', 1)[0]}/*`;
  return [actual, family, '*/*']
    .map((wanted) => documented.find(({ type }) => type === wanted))
    .find((found) => found !== undefined);
}
