/** The forms in which a service's name appears: `gift-cards` as `giftCards`, `GiftCards` and `gift_cards`. */
export function wordsOf(name) {
  const parts = name.split('-');
  const pascal = parts.map((part) => part[0].toUpperCase() + part.slice(1)).join('');
  return { name, pascal, camel: pascal[0].toLowerCase() + pascal.slice(1), table: parts.join('_') };
}
