import { notFound, parseMoney, type Upstream, upstreamNonsense } from '../kit/index.ts';

/** What a cart has to know of a product; `price` in minor units. */
export interface Product {
  id: string;
  name: string;
  price: number;
}

/** What is sold, as the products service knows it. Throws 404 for an unknown product, 502 to 504 when nobody can tell. */
export interface Catalogue {
  find(productId: string, signal: AbortSignal): Promise<Product>;
}

export function createCatalogue(products: Upstream): Catalogue {
  return {
    find: async (productId, signal) => {
      const path = `/products/${encodeURIComponent(productId)}`;
      const { status, body } = await products.call({ method: 'GET', path, signal });
      if (status === 404) throw notFound('product', productId);
      if (status === 200 && typeof body === 'object' && body !== null) {
        const { id, name, price: text }: Record<string, unknown> = { ...body };
        const price = parseMoney(text);
        if (typeof id === 'string' && typeof name === 'string' && price !== undefined) {
          return { id, name, price };
        }
      }
      throw upstreamNonsense('products', `answered ${status} without a product`);
    },
  };
}
