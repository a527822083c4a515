import {
  type Call,
  formatMoney,
  invalidRequest,
  type Page,
  pageOf,
  type Route,
  requireActFor,
  requireMoney,
  route,
} from '../kit/index.ts';
import type { Products, Stocked } from './products.ts';
import type { Recommendations } from './recommendations.ts';
import type { ProductFilter, ProductRow } from './store.ts';

interface RoutesParts {
  products: Products;
  recommendations: Recommendations;
}

/** Everybody may browse; whoever is known gets recommendations that fit. */
const open = { access: 'public' } as const;
const known = { access: 'optional' } as const;

/** What the products service answers, as `contracts/openapi/products.yaml` describes it. */
export function productsRoutes({ products, recommendations }: RoutesParts): Route[] {
  const list = (call: Call<unknown>) => listProducts(products, call);
  const get = (call: Call<unknown>) => getProduct(products, call);
  return [
    route('GET', '/products', list, open),
    route('GET', '/products/{id}', get, known),
    route('GET', '/catalog', list, open),
    route('GET', '/catalog/{id}', get, known),
    route('GET', '/search', (call) => searchProducts(products, call), open),
    route('GET', '/recommendations', (call) => recommend(products, recommendations, call), known),
  ];
}

async function listProducts(products: Products, call: Call<unknown>) {
  const page = numberedPageOf(call);
  const { rows, total } = await products.list({ ...page, ...filterOf(call) });
  return listAnswer(await products.withStock(rows, call.signal), { total, ...page });
}

async function searchProducts(products: Products, call: Call<unknown>) {
  const page = numberedPageOf(call);
  const { rows, total } = await products.search(call.query('q') ?? '', page);
  return listAnswer(await products.withStock(rows, call.signal), { total, ...page });
}

async function getProduct(products: Products, call: Call<unknown>) {
  const viewer = whoseOf(call);
  const product = await products.get(call.path('id'));
  if (viewer !== undefined) await products.noteView(viewer, product.id);
  const stocked = await products.withStock([product], call.signal);
  return { status: 200, body: productBody(product, stocked) };
}

async function recommend(products: Products, recommendations: Recommendations, call: Call<unknown>) {
  const page = pageOf(call);
  const { rows, total, basedOn } = await recommendations.for(whoseOf(call), page, call.signal);
  const stocked = await products.withStock(rows, call.signal);
  return listAnswer(stocked, { total, ...page, based_on: basedOn });
}

/** Whose looking this is: the user that is named, by whoever may act for them, or else the one who asks. */
function whoseOf({ query, identity }: Call<unknown>): string | undefined {
  const named = query('user_id');
  if (named !== undefined) requireActFor(identity, named);
  return named ?? (identity.kind === 'user' ? identity.id : undefined);
}

/** `page` and `per_page` are another way to say `offset` and `limit`. */
function numberedPageOf(call: Call<unknown>): Page {
  const { limit: usual, offset } = pageOf(call);
  const limit = Number(call.query('per_page') ?? usual);
  const number = call.query('page');
  if (number === undefined) return { limit, offset };
  if (offset > 0) throw invalidRequest([{ pointer: 'query/page', message: 'cannot go with offset' }]);
  return { limit, offset: (Number(number) - 1) * limit };
}

function filterOf({ query }: Call<unknown>): ProductFilter {
  const price = (name: string) => {
    const text = query(name);
    return text === undefined ? undefined : requireMoney(text, `query/${name}`);
  };
  const [minPrice, maxPrice] = [price('min_price'), price('max_price')];
  if (minPrice !== undefined && maxPrice !== undefined && minPrice > maxPrice) {
    throw invalidRequest([{ pointer: 'query/max_price', message: 'must not be below min_price' }]);
  }
  return { category: query('category'), minPrice, maxPrice, sort: query('sort') };
}

function listAnswer(stocked: Stocked, facts: object) {
  return { status: 200, body: { products: stocked.rows.map((row) => productBody(row, stocked)), ...facts } };
}

/** `stock` is null when nobody can tell; a product that the inventory does not know has none. */
function productBody({ price, image_url, ...product }: ProductRow, { available }: Stocked) {
  return {
    ...product,
    price: formatMoney(price),
    currency: 'USD',
    ...(image_url === null ? {} : { image_url }),
    stock: available === undefined ? null : { available: available.get(product.id) ?? 0 },
  };
}
