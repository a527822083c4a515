import {
  type Clock,
  type Listed,
  type Logger,
  notFound,
  type Page,
  type Store,
  timestamp,
} from '../kit/index.ts';
import type { LiveStock } from './live-stock.ts';
import type { ProductFilter, ProductRow, ProductsStore } from './store.ts';

/** Products together with how many of each are available; undefined when nobody can tell. */
export interface Stocked {
  rows: readonly ProductRow[];
  available: ReadonlyMap<string, number> | undefined;
}

/** The rules of the catalogue. */
export interface Products {
  /** Inserts 100 products in 6 categories when there are none yet. */
  seed(firstProductId: number): Promise<void>;
  list(wanted: Page & ProductFilter): Promise<Listed<ProductRow>>;
  /** Products that have every word of `text` (or one that begins with it), best match first. */
  search(text: string, page: Page): Promise<Listed<ProductRow>>;
  get(id: string): Promise<ProductRow>;
  /** Remembers that a user has looked at a product. Never fails: looking matters more than remembering. */
  noteView(userId: string, productId: string): Promise<void>;
  withStock(rows: readonly ProductRow[], signal: AbortSignal): Promise<Stocked>;
}

interface ProductsParts {
  store: Store;
  rows: ProductsStore;
  stock: LiveStock;
  clock: Clock;
  log: Logger;
}

export function createProducts({ store, rows, stock, clock, log }: ProductsParts): Products {
  return {
    seed: (firstProductId) =>
      store.transaction(async (transaction) => {
        if (!(await rows.isEmpty(transaction))) return;
        // Only the very first start has to load what makes the data.
        const { madeUpProducts } = await import('./seed.ts');
        for (const product of madeUpProducts(firstProductId)) await rows.insert(transaction, product);
      }),
    list: rows.list,
    search: rows.search,
    get: async (id) => {
      const product = await rows.find(id);
      if (product === undefined) throw notFound('product', id);
      return product;
    },
    noteView: async (userId, productId) => {
      await rows
        .countView({ user_id: userId, product_id: productId, viewed_at: timestamp(clock) })
        .catch((error: unknown) => log.warn({ err: error }, 'a view is not remembered'));
    },
    withStock: async (found, signal) => ({
      rows: found,
      available: await stock.availableOf(
        found.map(({ id }) => id),
        signal,
      ),
    }),
  };
}
