// Payments by card: what a card gateway offers, one that is simulated, and how a payment uses it.
// It must not know orders, routes or idempotency keys, and never sees a card number.
export type { CardGateway } from './gateway.ts';
export { cardPurse } from './purse.ts';
export { simulatedGateway } from './simulated-gateway.ts';
