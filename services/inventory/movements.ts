import type { Transaction } from '../kit/index.ts';
import { insufficientStock, unknownProduct } from './refusals.ts';
import type { InventoryStore, Item, Shelf } from './store.ts';

/** Stock only ever moves from one shelf to another, so that their sum stays what it was. */
const shelves = {
  reserve: { from: 'available', to: 'reserved' },
  confirm: { from: 'reserved', to: 'sold' },
  release: { from: 'reserved', to: 'available' },
  takeBack: { from: 'sold', to: 'available' },
} as const satisfies Record<string, { from: Shelf; to: Shelf }>;

type Movement = keyof typeof shelves;

/**
 * Moves all items or, by throwing out of the transaction, none. A 404 or 409 problem when there are too few to
 * reserve; the other movements only move what was reserved before, so for them too few is an error of this program.
 */
export async function moveItems(
  { rows, transaction }: Shelving,
  movement: Movement,
  { items, now }: { items: readonly Item[]; now: string },
): Promise<void> {
  for (const { product_id: productId, quantity } of items) {
    const isMoved = await rows.move(transaction, { productId, quantity, now, ...shelves[movement] });
    if (!isMoved) throw await whyNot({ rows, transaction, movement, productId, quantity });
  }
}

interface Shelving {
  rows: InventoryStore;
  transaction: Transaction;
}

interface Refused extends Shelving {
  movement: Movement;
  productId: string;
  quantity: number;
}

async function whyNot({ rows, transaction, movement, productId, quantity }: Refused): Promise<Error> {
  const stock = await rows.findIn(transaction, productId);
  if (movement !== 'reserve') return new Error(`cannot ${movement} ${quantity} of product ${productId}`);
  return stock === undefined ? unknownProduct(productId) : insufficientStock(stock, quantity);
}

/** The items of a request with each product once, sorted, so that what is the same order also looks the same. */
export function mergeItems(items: readonly Item[]): Item[] {
  const quantities = new Map<string, number>();
  for (const { product_id, quantity } of items) {
    quantities.set(product_id, (quantities.get(product_id) ?? 0) + quantity);
  }
  return [...quantities]
    .map(([product_id, quantity]) => ({ product_id, quantity }))
    .sort((a, b) => (a.product_id < b.product_id ? -1 : 1));
}
