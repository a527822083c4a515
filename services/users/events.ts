import { type Bus, type EventData, eventAbout, type Transaction } from '../kit/index.ts';
import type { UserRow } from './store.ts';

/** Tells the others of a user, in the transaction that makes it true. */
export async function tellOf(
  bus: Bus,
  transaction: Transaction,
  type: 'user.created' | 'user.updated',
  user: UserRow,
): Promise<void> {
  const { id: user_id, email, username } = user;
  const roles: EventData<typeof type>['roles'] = JSON.parse(user.roles);
  await bus.publishLater(transaction, eventAbout(type, { user_id, email, roles, username }));
}
