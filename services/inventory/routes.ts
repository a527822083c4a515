import { type Call, idText, pageOf, type Route, route } from '../kit/index.ts';
import type { Inventory } from './inventory.ts';
import type { Reservations } from './reservations.ts';
import type { Item, StockRow } from './store.ts';

interface OrderBody {
  order_id: string | number;
}

interface ItemBody {
  product_id: string | number;
  quantity: number;
}

interface ReserveBody extends OrderBody {
  items: ItemBody[];
}

interface StockCountBody {
  available: number;
}

/** Everybody may know what there is; only the shop itself changes it. */
const open = { access: 'public' } as const;
const internal = { access: 'service' } as const;

/** What the inventory service answers, as `contracts/openapi/inventory.yaml` describes it. */
export function inventoryRoutes({
  inventory,
  reservations,
}: {
  inventory: Inventory;
  reservations: Reservations;
}): Route[] {
  return [
    route('GET', '/inventory', (call) => listStock(inventory, call), open),
    route(
      'GET',
      '/inventory/{product_id}',
      async (call) => ok(await inventory.get(call.path('product_id'))),
      open,
    ),
    route<StockCountBody>('PUT', '/inventory/{product_id}', (call) => setStock(inventory, call), internal),
    route<ReserveBody>(
      'POST',
      '/inventory/reserve',
      (call) => reservations.reserve({ ...orderOf(call), items: call.body.items.map(readItem) }),
      internal,
    ),
    route<OrderBody>('POST', '/inventory/confirm', (call) => reservations.confirm(orderOf(call)), internal),
    route<OrderBody>('POST', '/inventory/release', (call) => reservations.release(orderOf(call)), internal),
  ];
}

async function listStock(inventory: Inventory, call: Call<unknown>) {
  const page = pageOf(call);
  const { rows, total } = await inventory.list(page, call.query('ids')?.split(','));
  return { status: 200, body: { inventory: rows.map(stockBody), total, ...page } };
}

async function setStock(inventory: Inventory, call: Call<StockCountBody>) {
  const { stock, isNew } = await inventory.setAvailable(call.path('product_id'), call.body.available);
  return isNew
    ? { ...ok(stock), status: 201, headers: { location: `/inventory/${stock.product_id}` } }
    : ok(stock);
}

function orderOf({ body, header, signal }: Call<OrderBody>) {
  return { orderId: idText(body.order_id), key: header('idempotency-key'), signal };
}

function readItem({ product_id, quantity }: ItemBody): Item {
  return { product_id: idText(product_id), quantity };
}

function ok(stock: StockRow) {
  return { status: 200, body: stockBody(stock) };
}

function stockBody({ product_id, available, reserved, sold }: StockRow) {
  return { product_id, available, reserved, sold };
}
