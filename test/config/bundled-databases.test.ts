import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { databaseFor } from '../../services/kit/store/server-settings.ts';
import { loadProject } from '../../src/config/index.ts';

const cwd = fileURLToPath(new URL('../../', import.meta.url));
const shop = (env: Record<string, string>, data: 'kept' | 'fresh') =>
  loadProject({ file: 'e2e.config.yaml', cwd, env, data });

const STORING = [
  'users',
  'auth',
  'products',
  'cart',
  'orders',
  'payments',
  'inventory',
  'notifications',
  'analytics',
  'mail',
];

test('the databases of the bundled shop are looked for where its services keep them', () => {
  for (const data of ['kept', 'fresh'] as const) {
    const { services, dataDir } = shop({}, data);
    const files = services.flatMap(({ name, database }) =>
      database === undefined ? [] : [[name, database]],
    );
    expect(Object.fromEntries(files)).toEqual(
      Object.fromEntries(
        STORING.map((name) => [name, { kind: 'sqlite', file: join(dataDir, `${name}.db`) }]),
      ),
    );
  }
});

test.each(['postgresql://shop:pw@127.0.0.1:5432/store?sslmode=disable', 'postgres://127.0.0.1'])(
  'on the server of %s they have the names that the services give them',
  (url) => {
    for (const data of ['kept', 'fresh'] as const) {
      const { services, dataDir } = shop({ DATABASE_URL: url }, data);
      for (const name of STORING) {
        const own = databaseFor({ url, pool: 1, followsDataDir: true }, name, dataDir);
        const found = services.find((spec) => spec.name === name)?.database;
        expect(found).toEqual({ kind: 'postgresql', url: own.url });
      }
    }
  },
);
