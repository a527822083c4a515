import type { Dialect, Store, Transaction } from '../kit/index.ts';

/** What of a product is searched, the most important first. */
export interface Words {
  name: string;
  category: string;
  description: string;
}

type Database = Store['read'] | Transaction;

/**
 * Full-text search, the one thing here that every database does in its own words. All of them fold case and diacritics,
 * take words back to their stems (Porter's), want every word of a question or one that begins with it, and know no words
 * that are too common. They differ in how hits of equal importance follow each other: FTS5 knows how rare a word is.
 */
export interface WordIndex {
  make(database: Database): Promise<void>;
  /** `seq` is the product's. */
  add(transaction: Transaction, seq: number, words: Words): Promise<void>;
  /** The products that have every word. `best` puts the best first. */
  hits(read: Store['read'], words: readonly string[]): { query: HitQuery; best: string; bindings: string[] };
}

type HitQuery = ReturnType<Store['read']>;

const fts5: WordIndex = {
  make: async (database) => {
    await database.raw(
      "create virtual table product_words using fts5(name, category, description, content='products', content_rowid='seq', tokenize='porter unicode61 remove_diacritics 2')",
    );
  },
  add: async (transaction, seq, { name, category, description }) => {
    await transaction('product_words').insert({ rowid: seq, name, category, description });
  },
  hits: (read, words) => {
    // Every word quoted, so that nothing in it is FTS5 syntax, and open at its end.
    const match = words.map((word) => `"${word}"*`).join(' ');
    const query = read('product_words')
      .join('products', 'products.seq', 'product_words.rowid')
      .whereRaw('product_words match ?', [match]);
    // Smaller is better; the weights are those of name, category and description.
    return { query, best: 'bm25(product_words, 10.0, 5.0, 1.0)', bindings: [] };
  },
};

/** Case, diacritics and word borders are settled here, so that the server's language and extensions do not matter. */
const tsvector: WordIndex = {
  make: async (database) => {
    await database.raw('create text search dictionary product_stem (template = snowball, language = porter)');
    await database.raw('create text search configuration product_words (copy = simple)');
    await database.raw(
      'alter text search configuration product_words alter mapping for asciiword, word, numword with product_stem',
    );
    await database.schema.createTable('product_words', (table) => {
      table.bigInteger('product_seq').primary().references('products.seq');
      table.specificType('words', 'tsvector').notNullable();
    });
    await database.raw('create index product_words_gin on product_words using gin (words)');
  },
  add: async (transaction, seq, { name, category, description }) => {
    const weighed = (weight: string) => `setweight(to_tsvector('product_words', ?), '${weight}')`;
    const all = `${weighed('A')} || ${weighed('B')} || ${weighed('D')}`;
    const texts = [name, category, description].map((text) => wordsOf(fold(text)).join(' '));
    await transaction('product_words').insert({ product_seq: seq, words: transaction.raw(all, texts) });
  },
  hits: (read, words) => {
    const match = words.map((word) => `${fold(word)}:*`).join(' & ');
    const query = read('product_words')
      .join('products', 'products.seq', 'product_words.product_seq')
      .whereRaw("words @@ to_tsquery('product_words', ?)", [match]);
    const best = "ts_rank('{0.1, 0.1, 0.5, 1.0}', words, to_tsquery('product_words', ?)) desc";
    return { query, best, bindings: [match] };
  },
};

export const wordIndexes: Readonly<Record<Dialect, WordIndex>> = { sqlite: fts5, postgresql: tsvector };

/** Letters and digits; everything else is between words, and so never part of a question's syntax. */
export function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** As "unicode61 remove_diacritics 2" folds: letters that are made of a letter and marks lose the marks. */
function fold(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
}
