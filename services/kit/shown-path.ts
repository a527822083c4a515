/** What can be neither an id nor a part of a route (an e-mail address, a token, any other text) is nobody's business. */
export function shownPath(path: string): string {
  return path
    .split('/')
    .map((segment) => (/^(\.?[\w-]{0,64}|[\w-]{1,64}\.json)$/.test(segment) ? segment : '[redacted]'))
    .join('/');
}
