import { type Clock, Problem, type Store } from '../../kit/index.ts';
import type { CardGateway, CardRefusal, ChargeResult } from './gateway.ts';

/** What each test card does. `timeout` charges nothing and never answers; `lost` charges, and its answer is lost. */
const cards: Readonly<Record<string, 'ok' | 'timeout' | 'lost' | CardRefusal>> = {
  tok_ok: 'ok',
  tok_declined: 'card-declined',
  tok_insufficient: 'insufficient-funds',
  tok_expired: 'card-expired',
  tok_timeout: 'timeout',
  tok_lost: 'lost',
};

/** After so long without an answer the gateway counts as silent. */
const patienceMs = 1_000;

/** What the gateway's own books say of a charge; `void` is one that may never happen. */
interface ChargeRow {
  id: string;
  amount: number;
  state: 'captured' | 'refunded' | 'void';
}

interface SimulatedGatewayOptions {
  /** Where the gateway keeps its books (table `card_charges`), so that they outlive a crash as a real one's do. */
  store: Store;
  clock: Clock;
}

/** Stands in for a card processor: a table of test cards, and books that can be audited. */
export function simulatedGateway({ store, clock }: SimulatedGatewayOptions): CardGateway {
  const find = async (id: string) => await store.read<ChargeRow>('card_charges').where({ id }).first();
  /** The first entry for an id stands. */
  const enter = async (row: ChargeRow) => {
    await store.read('card_charges').insert(row).onConflict('id').ignore();
    return (await find(row.id)) ?? row;
  };
  const silence = async (signal: AbortSignal | undefined): Promise<never> => {
    await clock.sleep(patienceMs, signal);
    throw gatewaySilent();
  };
  return {
    charge: async ({ id, amount, token }, signal) => {
      const known = await find(id);
      if (known !== undefined) return resultOf(known);
      const behaviour = cards[token] ?? 'unknown-card';
      if (behaviour === 'timeout') return await silence(signal);
      if (behaviour !== 'ok' && behaviour !== 'lost') return { kind: 'refused', why: behaviour };
      const entered = await enter({ id, amount, state: 'captured' });
      return behaviour === 'lost' ? await silence(signal) : resultOf(entered);
    },
    settle: async (id) => {
      const { state } = await enter({ id, amount: 0, state: 'void' });
      return state === 'void' ? undefined : transactionOf(id);
    },
    refund: async (id) => {
      await store.read('card_charges').where({ id, state: 'captured' }).update({ state: 'refunded' });
    },
    check: (token) => {
      const behaviour = cards[token] ?? 'unknown-card';
      return behaviour === 'card-expired' || behaviour === 'unknown-card' ? behaviour : undefined;
    },
  };
}

function resultOf({ id, state }: ChargeRow): ChargeResult {
  if (state === 'captured') return { kind: 'captured', transactionId: transactionOf(id) };
  return { kind: 'refused', why: 'card-declined' };
}

function transactionOf(id: string): string {
  return `txn_${id}`;
}

/** 504: whether the card was charged is not known. */
function gatewaySilent(): Problem {
  return new Problem({
    status: 504,
    kind: 'card-gateway-timeout',
    title: 'The card gateway did not answer in time',
    detail: 'It is not known yet whether the card was charged; ask again with the same Idempotency-Key.',
    headers: { 'retry-after': '1' },
  });
}
