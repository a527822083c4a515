import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';
import { createProductsApp } from '../../../services/products/app.ts';
import { ask } from '../ask.ts';
import { type RunningService, type StartOptions, startService } from '../start-service.ts';

export const startProducts = (options: StartOptions = {}): Promise<RunningService> =>
  startService('products', createProductsApp, options);

/** What the tests read of a product. */
export interface Product {
  id: string;
  name: string;
  description: string;
  category: string;
  price: string;
  stock: { available: number } | null;
}

/** Asks for a list of products; fails the test when the answer is none. */
export async function productsAt(url: string, headers: Record<string, string> = {}): Promise<Product[]> {
  const { body, text } = await ask('GET', url, { headers });
  const { products } = body;
  if (!Array.isArray(products)) throw new Error(`no products: ${text}`);
  return products;
}

/** Something that answers every request alike, or never; ended with the test. */
export async function startStandIn(answer: { status: number; body: unknown } | 'never') {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (answer === 'never') return;
    response
      .writeHead(answer.status, { 'content-type': 'application/json' })
      .end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`, asked };
}
