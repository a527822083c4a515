// The way of an order from a basket to a confirmed purchase: reserve, pay, confirm, and back again when a step fails.
// It must not know HTTP routes; the services that it needs are clients in this folder, the order's states are `status.ts`.
export { type AsyncCheckout, createAsyncCheckout } from './async-checkout.ts';
export { createBaskets } from './baskets.ts';
export { type Cancelling, createCancelling } from './cancelling.ts';
export { createCardDesk } from './card-desk.ts';
export { type Checkout, createCheckout } from './checkout.ts';
export { watchOverdue } from './overdue.ts';
export { paymentAnswers } from './payment-answers.ts';
export { createRuns } from './runs.ts';
export { createSaga } from './saga.ts';
export { createStockRoom } from './stock-room.ts';
export { type CheckoutStore, checkoutMigrations, createCheckoutStore, isUnderWay } from './store.ts';
export { takeUpUnfinished } from './unfinished.ts';
