import type { Listed, Migration, Page, Store, Transaction } from '../kit/index.ts';
import { type WordIndex, wordIndexes, wordsOf } from './search.ts';

/** A product as it is stored; `price` in minor units. */
export interface ProductRow {
  id: string;
  name: string;
  description: string;
  category: string;
  price: number;
  image_url: string | null;
  created_at: string;
}

/** What a list is narrowed to; prices in minor units, both inclusive. */
export interface ProductFilter {
  category?: string | undefined;
  minPrice?: number | undefined;
  maxPrice?: number | undefined;
  /** A field, with `-` in front for descending order; otherwise the order in which products became known. */
  sort?: string | undefined;
}

/** Somebody looks at something. */
interface View {
  user_id: string;
  product_id: string;
  viewed_at: string;
}

/** The SQL of the products service. */
export interface ProductsStore {
  list(wanted: Page & ProductFilter): Promise<Listed<ProductRow>>;
  search(text: string, page: Page): Promise<Listed<ProductRow>>;
  listAll(): Promise<ProductRow[]>;
  find(id: string): Promise<ProductRow | undefined>;
  isEmpty(transaction: Transaction): Promise<boolean>;
  insert(transaction: Transaction, product: ProductRow): Promise<void>;
  countView(view: View): Promise<void>;
  /** Views by product: of one user, or of all. */
  viewsOf(userId: string): Promise<Map<string, number>>;
  countViews(): Promise<Map<string, number>>;
}

const columns = ['id', 'name', 'description', 'category', 'price', 'image_url', 'created_at'] as const;
const sortable = new Map([
  ['name', 'name'],
  ['price', 'price'],
  ['created_at', 'created_at'],
]);

export const productsMigrations: readonly Migration[] = [
  {
    name: 'products-001-products-and-views',
    up: async (database, dialect) => {
      await database.schema.createTable('products', (table) => {
        table.increments('seq');
        table.text('id').notNullable().unique();
        table.text('name').notNullable();
        table.text('description').notNullable();
        table.text('category').notNullable().index();
        table.bigInteger('price').notNullable().index();
        table.text('image_url');
        table.text('created_at').notNullable();
      });
      // The words of the products, by their `seq`; the stemmer lets "lamps" find "lamp".
      await wordIndexes[dialect].make(database);
      await database.schema.createTable('views', (table) => {
        table.text('user_id').notNullable();
        table.text('product_id').notNullable().index();
        table.integer('views').notNullable();
        table.text('viewed_at').notNullable();
        table.primary(['user_id', 'product_id']);
      });
    },
  },
];

export function createProductsStore({ read, dialect }: Store): ProductsStore {
  const index = wordIndexes[dialect];
  return {
    list: (wanted) => list(read, wanted),
    search: (text, page) => search({ read, index }, text, page),
    listAll: async () =>
      await read<ProductRow>('products')
        .select([...columns])
        .orderBy('seq'),
    find: async (id) =>
      await read<ProductRow>('products')
        .select([...columns])
        .where({ id })
        .first(),
    isEmpty: async (transaction) => (await transaction('products').first('seq')) === undefined,
    insert: async (transaction, product) => {
      const [inserted]: { seq: number }[] = await transaction('products').insert(product).returning('seq');
      if (inserted === undefined) throw new Error('the inserted product did not come back');
      await index.add(transaction, inserted.seq, product);
    },
    countView: async (view) => {
      await read('views')
        .insert({ ...view, views: 1 })
        .onConflict(['user_id', 'product_id'])
        .merge({ views: read.raw('views.views + 1'), viewed_at: view.viewed_at });
    },
    viewsOf: async (userId) =>
      toCounts(await read('views').where({ user_id: userId }).select(['product_id', 'views'])),
    countViews: async () =>
      toCounts(await read('views').groupBy('product_id').select('product_id').sum({ views: 'views' })),
  };
}

async function list(
  read: Store['read'],
  { limit, offset, category, minPrice, maxPrice, sort = '' }: Page & ProductFilter,
): Promise<Listed<ProductRow>> {
  const wanted = () => {
    const rows = read('products');
    if (category !== undefined) rows.where({ category });
    if (minPrice !== undefined) rows.where('price', '>=', minPrice);
    if (maxPrice !== undefined) rows.where('price', '<=', maxPrice);
    return rows;
  };
  const column = sortable.get(sort.replace(/^-/, ''));
  const order = column === undefined ? [] : [{ column, order: sort.startsWith('-') ? 'desc' : 'asc' }];
  const rows: ProductRow[] = await wanted()
    .select([...columns])
    .orderBy([...order, { column: 'seq' }])
    .limit(limit)
    .offset(offset);
  const [count] = await wanted().count({ total: '*' });
  return { rows, total: Number(count?.['total']) };
}

async function search(
  { read, index }: { read: Store['read']; index: WordIndex },
  text: string,
  { limit, offset }: Page,
): Promise<Listed<ProductRow>> {
  const words = wordsOf(text);
  // An empty question is a syntax error to some; no words, no hits.
  if (words.length === 0) return { rows: [], total: 0 };
  const { query, best, bindings } = index.hits(read, words);
  const rows: ProductRow[] = await query
    .clone()
    .select(columns.map((column) => `products.${column}`))
    .orderByRaw(`${best}, products.seq`, bindings)
    .limit(limit)
    .offset(offset);
  const count = await query.count({ total: '*' }).first();
  return { rows, total: Number(count?.total) };
}

function toCounts(rows: readonly { product_id: string; views: number }[]): Map<string, number> {
  return new Map(rows.map(({ product_id, views }) => [product_id, Number(views)]));
}
