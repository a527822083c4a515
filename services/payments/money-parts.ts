import type { Clock, KeyedLock, Logger, ServiceParts, Store } from '../kit/index.ts';
import type { PaymentNews } from './news.ts';
import type { Purse } from './purse.ts';
import type { Settlement } from './settlement.ts';
import type { PaymentRow, PaymentsStore } from './store.ts';

/** What whoever moves money works with, be it taken or given back. */
export interface MoneyParts {
  store: Store;
  rows: PaymentsStore;
  purses: Readonly<Record<PaymentRow['method'], Purse>>;
  settlement: Settlement;
  news: PaymentNews;
  lock: KeyedLock;
  clock: Clock;
  newId: ServiceParts['newId'];
  log: Logger;
  /** Says that something is left to finish in the background. */
  leftUnfinished: () => void;
}
