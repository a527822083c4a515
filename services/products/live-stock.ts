import { type Logger, type Upstream, upstreamNonsense } from '../kit/index.ts';

/** Stock as the inventory service knows it at this moment. */
export interface LiveStock {
  /**
   * How many pieces of each product are available, all with one question. Undefined when nobody can tell, because the
   * inventory service is away, slow or not part of this shop; that is never an error.
   */
  availableOf(productIds: readonly string[], signal: AbortSignal): Promise<Map<string, number> | undefined>;
}

/** `inventory` is undefined where the shop has none. */
export function createLiveStock(inventory: Upstream | undefined, log: Logger): LiveStock {
  return {
    availableOf: async (productIds, signal) => {
      if (inventory === undefined) return undefined;
      if (productIds.length === 0) return new Map();
      return await askFor(inventory, productIds, signal).catch((error: unknown) => {
        signal.throwIfAborted();
        log.warn({ err: error }, 'products are answered without their stock');
        return undefined;
      });
    },
  };
}

async function askFor(
  inventory: Upstream,
  productIds: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const path = `/inventory?limit=500&ids=${productIds.map(encodeURIComponent).join(',')}`;
  const { status, body } = await inventory.call({ method: 'GET', path, signal });
  const list = typeof body === 'object' && body !== null && 'inventory' in body ? body.inventory : undefined;
  if (status !== 200 || !Array.isArray(list)) {
    throw upstreamNonsense('inventory', `answered ${status} without stock`);
  }
  const entries = list.filter(isStock).map(({ product_id, available }) => [product_id, available] as const);
  return new Map(entries);
}

function isStock(value: unknown): value is { product_id: string; available: number } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'product_id' in value &&
    typeof value.product_id === 'string' &&
    'available' in value &&
    typeof value.available === 'number'
  );
}
