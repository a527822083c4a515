import type { Purse } from '../purse.ts';
import { cardRefused } from '../refusals.ts';
import type { CardGateway } from './gateway.ts';

/** A card, known by a token while it is charged and by the payment's id ever after. */
export function cardPurse(gateway: CardGateway): Purse {
  return {
    take: async (payment, { token, signal }) => {
      const { id, amount } = payment;
      if (token === undefined) {
        const transactionId = await gateway.settle(id);
        if (transactionId !== undefined) return { kind: 'taken', transactionId };
        return { kind: 'refused', problem: cardRefused(payment, 'card-declined') };
      }
      const result = await gateway.charge({ id, amount, token }, signal);
      return result.kind === 'captured'
        ? { kind: 'taken', transactionId: result.transactionId }
        : { kind: 'refused', problem: cardRefused(payment, result.why) };
    },
    giveBack: async ({ id }) => await gateway.refund(id),
  };
}
