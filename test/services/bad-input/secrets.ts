let count = 0;

/** A text that is sent where something else is wanted, and known again wherever it turns up. */
export function secretText(): string {
  count += 1;
  return `s3cret${count}s3cret`;
}

/**
 * What must never be told: what was made up here, passwords, tokens, the shop's secret, cards, e-mail addresses. Each
 * repetition is bounded, because a line that holds a whole body is long.
 */
const secrets: readonly (readonly [string, RegExp])[] = [
  ['a refused value', /s3cret\d+s3cret/],
  ['a password', /correct horse battery|wrong-password/],
  ['a token', /eyJ[\w-]{5,}\.[\w-]+\.[\w-]*/],
  ["the shop's secret", /secret-of-a-shop|c2VjcmV0LW9mLWEtc2hvcC/],
  ['a card', /tok_[a-z_]+|4111 ?1111 ?1111 ?1111/],
  ['an e-mail address', /[\w.+-]@[\w-]{1,64}\.(com|org)/],
];

/** The names of the secrets that a text holds. */
export function secretsIn(text: string): string[] {
  return secrets.filter(([, pattern]) => pattern.test(text)).map(([name]) => name);
}
