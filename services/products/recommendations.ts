import type { Listed, Page } from '../kit/index.ts';
import type { OrderHistory } from './order-history.ts';
import { bestOfEachCategory, rankByTaste } from './ranking.ts';
import type { ProductRow, ProductsStore } from './store.ts';

/** Products for somebody, and whether they follow from what that somebody did or from what everybody likes. */
export interface Recommended extends Listed<ProductRow> {
  basedOn: 'history' | 'catalogue';
}

export interface Recommendations {
  /** For a user, or for whoever is not known. Without any history: the best of each category. */
  for(userId: string | undefined, page: Page, signal: AbortSignal): Promise<Recommended>;
}

interface RecommendationsParts {
  rows: ProductsStore;
  history: OrderHistory;
}

export function createRecommendations({ rows, history }: RecommendationsParts): Recommendations {
  return {
    for: async (userId, { limit, offset }, signal) => {
      const [products, popularity] = [await rows.listAll(), await rows.countViews()];
      const views = userId === undefined ? new Map<string, number>() : await rows.viewsOf(userId);
      const bought =
        userId === undefined ? new Map<string, number>() : await history.boughtBy(userId, signal);
      const isKnown = views.size > 0 || bought.size > 0;
      const ranked = isKnown
        ? rankByTaste({ products, popularity, views, bought })
        : bestOfEachCategory(products, popularity);
      return {
        rows: ranked.slice(offset, offset + limit),
        total: ranked.length,
        basedOn: isKnown ? 'history' : 'catalogue',
      };
    },
  };
}
