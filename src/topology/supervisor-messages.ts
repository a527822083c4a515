import type { ServiceEvent } from '../model/index.ts';
import type { ToldError } from './control/messages.ts';
import type { TopologyPlan } from './plan.ts';
import type { ServiceStatus } from './state.ts';

/** From the launcher to the supervisor, over the IPC channel: a plan holds secrets, which no command line may show. */
export interface SupervisorOrder {
  readonly kind: 'start';
  readonly plan: TopologyPlan;
  readonly watch: boolean;
  readonly adopt: boolean;
}

/** From the supervisor to its launcher, until all are ready or one has failed. */
export type SupervisorReport =
  | { readonly kind: 'event'; readonly event: ServiceEvent }
  | { readonly kind: 'trouble'; readonly sentence: string }
  | { readonly kind: 'ready'; readonly services: readonly ServiceStatus[] }
  | { readonly kind: 'failed'; readonly error: ToldError };

export function isOrder(message: unknown): message is SupervisorOrder {
  return isKind(message, ['start']);
}

export function isReport(message: unknown): message is SupervisorReport {
  return isKind(message, ['event', 'trouble', 'ready', 'failed']);
}

function isKind(message: unknown, kinds: readonly string[]): boolean {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false;
  return kinds.some((kind) => kind === message.kind);
}
