import { ShopctlError } from '../errors/index.ts';

/** AMQP's short string. */
const MOST_NAME_BYTES = 255;

/** A name of a queue as it is typed. @throws ShopctlError `usage` */
export function queueName(name: string): string {
  if (name !== '' && Buffer.byteLength(name) <= MOST_NAME_BYTES) return name;
  throw new ShopctlError('usage', {
    message: name === '' ? 'the name of the queue is empty' : 'the name of the queue has more than 255 bytes',
    hint: 'see `shopctl queue list`',
  });
}

/** What others wrote, without what would move the cursor, ring or colour a terminal. Line breaks stay where `lines`. */
export function printable(text: string, { lines = false }: { readonly lines?: boolean } = {}): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    if (lines && (character === '\n' || character === '\t')) return character;
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
