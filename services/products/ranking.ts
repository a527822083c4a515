import type { ProductRow } from './store.ts';

/** How often, by product id. */
type Counts = ReadonlyMap<string, number>;

interface Taste {
  products: readonly ProductRow[];
  /** Views of everybody. */
  popularity: Counts;
  /** Views of the one who asks. */
  views: Counts;
  /** Pieces that they bought. */
  bought: Counts;
}

/** Buying says more than looking; a hundred looks, or pieces, do not say a hundred times as much. */
const boughtWeight = 3;
const mostCounted = 5;

/**
 * Products of the categories that somebody bought from or looked at, strongest first, then the others; what was bought
 * already is left out. Within a category: what they looked at, then what everybody looks at.
 */
export function rankByTaste({ products, popularity, views, bought }: Taste): ProductRow[] {
  const weightOf = ({ id }: ProductRow) =>
    boughtWeight * Math.min(bought.get(id) ?? 0, mostCounted) + Math.min(views.get(id) ?? 0, mostCounted);
  const interest = new Map<string, number>();
  for (const product of products) {
    interest.set(product.category, (interest.get(product.category) ?? 0) + weightOf(product));
  }
  const interestIn = ({ category }: ProductRow) => interest.get(category) ?? 0;
  // Sorting is stable: where all are equal, the order of the catalogue stays.
  return products
    .filter(({ id }) => !bought.has(id))
    .sort(
      (a, b) =>
        interestIn(b) - interestIn(a) ||
        weightOf(b) - weightOf(a) ||
        count(popularity, b) - count(popularity, a),
    );
}

/** The favourite of every category, then every second one, and so on. */
export function bestOfEachCategory(products: readonly ProductRow[], popularity: Counts): ProductRow[] {
  const seen = new Map<string, number>();
  return products
    .toSorted((a, b) => count(popularity, b) - count(popularity, a))
    .map((product) => {
      const place = seen.get(product.category) ?? 0;
      seen.set(product.category, place + 1);
      return { product, place };
    })
    .sort((a, b) => a.place - b.place)
    .map(({ product }) => product);
}

function count(counts: Counts, { id }: ProductRow): number {
  return counts.get(id) ?? 0;
}
