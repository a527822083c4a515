import { createServer } from 'node:http';

export interface FakeProducts {
  url: string;
  /** Prices by id; a product without price does not exist. */
  prices: Map<string, string>;
  stop(): Promise<void>;
}

/** A catalogue of a few products whose prices a test can change. */
export async function startFakeProducts(): Promise<FakeProducts> {
  const prices = new Map([
    ['1', '10.00'],
    ['2', '12.50'],
    ['3', '0.99'],
  ]);
  const server = createServer((request, response) => {
    const id = decodeURIComponent(request.url?.split('/').at(-1) ?? '');
    const price = prices.get(id);
    const body =
      price === undefined
        ? { type: 'urn:shop:problem:unknown-product', title: 'No', status: 404, detail: 'No.', instance: '/' }
        : { id, name: `Product ${id}`, category: 'books', price, currency: 'USD', stock: null };
    response
      .writeHead(price === undefined ? 404 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify(request.url === '/healthz' ? { status: 'ready' } : body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`,
    prices,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
