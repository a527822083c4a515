import type { Listed, Migration, Page, Store, Transaction } from '../kit/index.ts';

/** Where a piece can be. */
export type Shelf = 'available' | 'reserved' | 'sold';

export interface StockRow {
  product_id: string;
  available: number;
  reserved: number;
  sold: number;
  updated_at: string;
}

/** Some pieces of one product. */
export interface Item {
  product_id: string;
  quantity: number;
}

export type ReservationStatus = 'reserved' | 'confirmed' | 'released' | 'expired';

export interface ReservationRow {
  order_id: string;
  status: ReservationStatus;
  items: Item[];
  expires_at: string;
  created_at: string;
  updated_at: string;
}

/** The SQL of the inventory service. */
export interface InventoryStore {
  /** In the order in which the products became known. */
  list(page: Page, ids: readonly string[] | undefined): Promise<Listed<StockRow>>;
  find(productId: string): Promise<StockRow | undefined>;
  findIn(transaction: Transaction, productId: string): Promise<StockRow | undefined>;
  isEmpty(transaction: Transaction): Promise<boolean>;
  /** Sets how many pieces of a product are available, and makes the product known when it is not. */
  put(transaction: Transaction, stock: Omit<StockRow, 'reserved' | 'sold'>): Promise<void>;
  /** From one shelf to another in one statement; answers false, and moves nothing, when there are too few. */
  move(transaction: Transaction, move: StockMove): Promise<boolean>;
  findReservation(transaction: Transaction, orderId: string): Promise<ReservationRow | undefined>;
  insertReservation(transaction: Transaction, reservation: ReservationRow): Promise<void>;
  /** Moves a reservation on; answers whether it was still in state `from`. */
  advance(transaction: Transaction, move: ReservationMove): Promise<boolean>;
  /** Whether the time of any reservation is over. */
  hasDue(now: string): Promise<boolean>;
  listDue(transaction: Transaction, now: string): Promise<ReservationRow[]>;
  /** How many reservations are neither confirmed nor ended. */
  countReserved(): Promise<number>;
}

interface StockMove {
  productId: string;
  quantity: number;
  from: Shelf;
  to: Shelf;
  now: string;
}

interface ReservationMove {
  orderId: string;
  from: ReservationStatus;
  to: ReservationStatus;
  now: string;
}

type StoredReservation = Omit<ReservationRow, 'items'> & { items: string };

export const inventoryMigrations: readonly Migration[] = [
  {
    name: 'inventory-001-stock-and-reservations',
    up: async (database) => {
      await database.schema.createTable('stock', (table) => {
        table.increments('seq');
        table.text('product_id').notNullable().unique();
        // What makes overselling impossible, whatever the program above does.
        table.integer('available').notNullable().checkBetween([0, maxPieces]);
        table.integer('reserved').notNullable().checkBetween([0, maxPieces]);
        table.integer('sold').notNullable().checkBetween([0, maxPieces]);
        table.text('updated_at').notNullable();
      });
      await database.schema.createTable('reservations', (table) => {
        table.increments('seq');
        table.text('order_id').notNullable().unique();
        table.text('status').notNullable();
        table.text('items').notNullable();
        table.text('expires_at').notNullable();
        table.text('created_at').notNullable();
        table.text('updated_at').notNullable();
        table.index(['status', 'expires_at']);
      });
    },
  },
];

const maxPieces = 2_000_000_000;

export function createInventoryStore({ read }: Store): InventoryStore {
  const due = (database: Store['read'] | Transaction, now: string) =>
    database<StoredReservation>('reservations').where({ status: 'reserved' }).where('expires_at', '<=', now);
  return {
    list: async ({ limit, offset }, ids) => {
      const wanted = () => (ids === undefined ? read('stock') : read('stock').whereIn('product_id', ids));
      const rows: StockRow[] = await wanted().orderBy('seq').limit(limit).offset(offset);
      const [count] = await wanted().count({ total: '*' });
      return { rows, total: Number(count?.['total']) };
    },
    find: async (productId) => await read<StockRow>('stock').where({ product_id: productId }).first(),
    findIn: async (transaction, productId) =>
      await transaction<StockRow>('stock').where({ product_id: productId }).first(),
    isEmpty: async (transaction) => (await transaction('stock').first('seq')) === undefined,
    put: async (transaction, stock) => {
      await transaction('stock')
        .insert({ ...stock, reserved: 0, sold: 0 })
        .onConflict('product_id')
        .merge(['available', 'updated_at']);
    },
    move: async (transaction, { productId, quantity, from, to, now }) => {
      const moved = await transaction('stock')
        .where({ product_id: productId })
        .where(from, '>=', quantity)
        .update({
          [from]: transaction.raw('?? - ?', [from, quantity]),
          [to]: transaction.raw('?? + ?', [to, quantity]),
          updated_at: now,
        });
      return moved === 1;
    },
    findReservation: async (transaction, orderId) => {
      const row = await transaction<StoredReservation>('reservations').where({ order_id: orderId }).first();
      return row === undefined ? undefined : toReservation(row);
    },
    insertReservation: async (transaction, { items, ...facts }) => {
      await transaction('reservations').insert({ ...facts, items: JSON.stringify(items) });
    },
    advance: async (transaction, { orderId, from, to, now }) => {
      const rows = transaction('reservations').where({ order_id: orderId, status: from });
      return (await rows.update({ status: to, updated_at: now })) === 1;
    },
    hasDue: async (now) => (await due(read, now).first('order_id')) !== undefined,
    listDue: async (transaction, now) => (await due(transaction, now).orderBy('seq')).map(toReservation),
    countReserved: async () => {
      const [count] = await read('reservations').where({ status: 'reserved' }).count({ total: '*' });
      return Number(count?.['total']);
    },
  };
}

function toReservation({ items, ...facts }: StoredReservation): ReservationRow {
  return { ...facts, items: JSON.parse(items) };
}
