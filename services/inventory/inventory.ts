import { type Clock, type Listed, type Page, type Store, timestamp } from '../kit/index.ts';
import type { Expiry } from './expiry.ts';
import { unknownProduct } from './refusals.ts';
import type { InventoryStore, StockRow } from './store.ts';

/** The rules of stock. What is answered never counts a reservation whose time is over. */
export interface Inventory {
  /** Inserts stock for 100 products when there is none yet. */
  seed(firstProductId: number): Promise<void>;
  /** All products, or those of `ids` that are known. */
  list(page: Page, ids: readonly string[] | undefined): Promise<Listed<StockRow>>;
  get(productId: string): Promise<StockRow>;
  /** Sets how many are available, whatever is reserved or sold; answers whether the product is new here. */
  setAvailable(productId: string, available: number): Promise<{ stock: StockRow; isNew: boolean }>;
}

interface InventoryParts {
  store: Store;
  rows: InventoryStore;
  expiry: Expiry;
  clock: Clock;
}

const seededProducts = 100;

export function createInventory(parts: InventoryParts): Inventory {
  const { store, rows, expiry, clock } = parts;
  return {
    seed: (firstProductId) => seed(parts, firstProductId),
    list: async (page, ids) => {
      await expiry.expireDue();
      return await rows.list(page, ids);
    },
    get: async (productId) => {
      await expiry.expireDue();
      const stock = await rows.find(productId);
      if (stock === undefined) throw unknownProduct(productId);
      return stock;
    },
    setAvailable: (productId, available) =>
      store.transaction(async (transaction) => {
        const before = await rows.findIn(transaction, productId);
        const change = { product_id: productId, available, updated_at: timestamp(clock) };
        const stock = { reserved: 0, sold: 0, ...before, ...change };
        await rows.put(transaction, change);
        return { stock, isNew: before === undefined };
      }),
  };
}

/** The products service seeds the same ids; neither has to ask the other. */
async function seed({ store, rows, clock }: InventoryParts, firstProductId: number): Promise<void> {
  await store.transaction(async (transaction) => {
    if (!(await rows.isEmpty(transaction))) return;
    for (let id = firstProductId; id < firstProductId + seededProducts; id += 1) {
      const available = 20 + ((id * 7) % 80);
      await rows.put(transaction, { product_id: String(id), available, updated_at: timestamp(clock) });
    }
  });
}
