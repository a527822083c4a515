import type { Migration, Store, Transaction } from '../kit/index.ts';

/** A cart as it is stored. */
export interface CartRow {
  id: string;
  user_id: string | null;
  version: number;
  updated_at: string;
}

/** A line of a cart; `price` in minor units. */
export interface LineRow {
  cart_id: string;
  product_id: string;
  name: string;
  quantity: number;
  price: number;
}

/** A cart with its lines, in the order in which they were put in. */
export interface Cart extends CartRow {
  lines: LineRow[];
}

type Database = Store['read'] | Transaction;

/** The SQL of the cart service. */
export interface CartStore {
  find(database: Database, id: string): Promise<Cart | undefined>;
  findOfUser(database: Database, userId: string): Promise<Cart | undefined>;
  insert(transaction: Transaction, cart: CartRow): Promise<void>;
  /** Writes the new version and time of a cart. */
  touch(transaction: Transaction, cart: CartRow): Promise<void>;
  /** Inserts the line, or writes over the one with the same product. */
  putLine(transaction: Transaction, line: LineRow): Promise<void>;
  /** Answers whether there was such a line. */
  deleteLine(transaction: Transaction, cartId: string, productId: string): Promise<boolean>;
  deleteLines(transaction: Transaction, cartId: string): Promise<void>;
}

export const cartMigrations: readonly Migration[] = [
  {
    name: 'cart-001-carts-and-lines',
    up: async (database) => {
      await database.schema.createTable('carts', (table) => {
        table.increments('seq');
        table.text('id').notNullable().unique();
        // One cart a user, whatever the program above does; carts that belong to nobody have null, which never collides.
        table.text('user_id').unique();
        table.integer('version').notNullable();
        table.text('updated_at').notNullable();
      });
      await database.schema.createTable('cart_lines', (table) => {
        table.increments('seq');
        table.text('cart_id').notNullable().references('carts.id');
        table.text('product_id').notNullable();
        table.text('name').notNullable();
        table.integer('quantity').notNullable();
        table.bigInteger('price').notNullable();
        table.unique(['cart_id', 'product_id']);
      });
    },
  },
];

export function createCartStore(): CartStore {
  const withLines = async (database: Database, cart: CartRow | undefined) => {
    if (cart === undefined) return undefined;
    const lines: LineRow[] = await database<LineRow>('cart_lines').where({ cart_id: cart.id }).orderBy('seq');
    return { ...cart, lines };
  };
  return {
    find: async (database, id) =>
      await withLines(database, await database<CartRow>('carts').where({ id }).first()),
    findOfUser: async (database, userId) =>
      await withLines(database, await database<CartRow>('carts').where({ user_id: userId }).first()),
    insert: async (transaction, cart) => {
      await transaction('carts').insert(cart);
    },
    touch: async (transaction, { id, version, updated_at }) => {
      await transaction('carts').where({ id }).update({ version, updated_at });
    },
    putLine: async (transaction, line) => {
      await transaction('cart_lines').insert(line).onConflict(['cart_id', 'product_id']).merge();
    },
    deleteLine: async (transaction, cartId, productId) =>
      (await transaction('cart_lines').where({ cart_id: cartId, product_id: productId }).delete()) === 1,
    deleteLines: async (transaction, cartId) => {
      await transaction('cart_lines').where({ cart_id: cartId }).delete();
    },
  };
}
