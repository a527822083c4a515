import { type Bus, type Clock, type Role, type Store, timestamp } from '../kit/index.ts';
import { tellOf } from './events.ts';
import type { Passwords } from './passwords.ts';
import { noDetails, type UserDetails, type UserRow, type UsersStore } from './store.ts';

/** Who is there at the first start: the three of the balances topology, or all eleven. */
export type SeedChoice = 'balances' | 'full';

interface SeedParts {
  store: Store;
  rows: UsersStore;
  bus: Bus;
  clock: Clock;
  passwords: Passwords;
  which: SeedChoice;
}

/** A user to begin with, whose password is the username: data for tests, which keeps nothing secret. */
type SeedUser = Pick<UserRow, 'id' | 'username' | 'balance'> & Partial<UserDetails> & { roles: Role[] };

const three: readonly SeedUser[] = [
  { id: '1', username: 'alice', balance: 500_00, roles: ['customer'] },
  { id: '2', username: 'bob', balance: 300_00, roles: ['customer'] },
  { id: '3', username: 'charlie', balance: 150_00, roles: ['customer'] },
];

/** Does nothing when there is somebody already. */
export async function seedUsers(parts: SeedParts): Promise<void> {
  const { store, rows, bus, clock, passwords, which } = parts;
  if (!(await store.transaction(rows.isEmpty))) return;
  const users = which === 'balances' ? three : [...three, ...(await eightMore())];
  const hashed = await Promise.all(
    users.map(async (user) => ({ ...user, password: await passwords.hash(user.username) })),
  );
  await store.transaction(async (transaction) => {
    // Another process may have been quicker while the passwords were hashed.
    if (!(await rows.isEmpty(transaction))) return;
    const now = timestamp(clock);
    for (const { roles, ...user } of hashed) {
      const row = {
        ...noDetails,
        email: `${user.username}@example.com`,
        created_at: now,
        updated_at: now,
        ...user,
        roles: JSON.stringify(roles),
      };
      await rows.insert(transaction, row);
      await tellOf(bus, transaction, 'user.created', row);
    }
    const counted = users.filter(({ id }) => /^\d+$/.test(id));
    await rows.startSequence(transaction, counted.length);
  });
}

/** faker is large, so it is loaded by the one start that needs it. */
async function eightMore(): Promise<SeedUser[]> {
  const { faker } = await import('@faker-js/faker/locale/en');
  faker.seed(20_260_101);
  const invented = Array.from({ length: 7 }, (_, index) => {
    const first_name = faker.person.firstName();
    const last_name = faker.person.lastName();
    return {
      id: String(index + 4),
      username: `${first_name}.${last_name}`.toLowerCase().replaceAll(/[^a-z.]/g, ''),
      first_name,
      last_name,
      phone: `+1555${faker.string.numeric(7)}`,
      balance: faker.number.int({ min: 50_00, max: 1_000_00 }),
      roles: ['customer' as const],
    };
  });
  const offices: Partial<SeedUser>[] = [
    { username: 'admin', roles: ['customer', 'admin'] },
    { username: 'support', roles: ['customer', 'support'] },
  ];
  return [
    { id: 'test_user_001', username: 'test', balance: 250_00, roles: ['customer'] },
    ...invented.map((user, index) => ({ ...user, ...offices[index] })),
  ];
}
