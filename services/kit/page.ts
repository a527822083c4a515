import type { Call } from './app/index.ts';
import type { Page } from './store/index.ts';

/** The documented `limit` and `offset` of a list request. */
export function pageOf(call: Call<unknown>): Page {
  return { limit: call.number('limit'), offset: call.number('offset') };
}
