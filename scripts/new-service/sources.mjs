import { wordsOf } from './words.mjs';

/** The program of a new service: file names in its folder, and their text. */
export function sourcesOf(name, port) {
  const words = wordsOf(name);
  return [
    ['main.ts', mainOf(words, port)],
    ['app.ts', appOf(words)],
    ['routes.ts', routesOf(words)],
    [`${name}.ts`, rulesOf(words)],
    ['store.ts', storeOf(words)],
  ];
}

const mainOf = ({ name, pascal }, port) => `import { runService } from '../kit/index.ts';
import { create${pascal}App } from './app.ts';

void runService({
  name: '${name}',
  defaults: { port: ${port}, latency: 'normal(50ms, 10ms)', failureRate: '0%', upstreams: {} },
  create: create${pascal}App,
});
`;

const appOf = ({
  name,
  pascal,
  camel,
}) => `import { type App, createApp, openStore, type ServiceParts } from '../kit/index.ts';
import { create${pascal} } from './${name}.ts';
import { ${camel}Routes } from './routes.ts';
import { create${pascal}Store, ${camel}Migrations } from './store.ts';

/** The ${name} service without a port: its database open, its routes ready. */
export async function create${pascal}App(parts: ServiceParts): Promise<App> {
  const store = await openStore({ ...parts, migrations: ${camel}Migrations });
  const rows = create${pascal}Store(store);
  return createApp({
    name: '${name}',
    contract: parts.contract,
    routes: ${camel}Routes(create${pascal}({ ...parts, store, rows })),
    store,
    log: parts.log,
    tracer: parts.tracer,
    guard: parts.guard,
    simulation: parts,
  });
}
`;

const routesOf = ({ name, pascal, camel }) => `import { pageOf, type Route, route } from '../kit/index.ts';
import type { ${pascal} } from './${name}.ts';
import type { ItemRow } from './store.ts';

interface NewItemBody {
  name: string;
}

/** What the ${name} service answers, as \`contracts/openapi/${name}.yaml\` describes it. */
export function ${camel}Routes(${camel}: ${pascal}): Route[] {
  return [
    route('GET', '/api/${name}', async (call) => {
      const page = pageOf(call);
      const { rows, total } = await ${camel}.list(page);
      return { status: 200, body: { items: rows.map(itemBody), total, ...page } };
    }),
    route<NewItemBody>('POST', '/api/${name}', async ({ body }) => {
      const item = await ${camel}.create(body.name);
      return { status: 201, body: itemBody(item), headers: { location: \`/api/${name}/\${item.id}\` } };
    }),
    route('GET', '/api/${name}/{id}', async (call) => ({
      status: 200,
      body: itemBody(await ${camel}.get(call.path('id'))),
    })),
  ];
}

function itemBody({ id, name, created_at }: ItemRow) {
  return { id, name, created_at };
}
`;

const rulesOf = ({ name, pascal, camel, table }) => `import {
  type Clock,
  type Listed,
  notFound,
  type Page,
  type ServiceParts,
  type Store,
  timestamp,
} from '../kit/index.ts';
import type { ItemRow, ${pascal}Store } from './store.ts';

/** The rules of the ${name} service. Errors that callers may see are \`Problem\`s. */
export interface ${pascal} {
  list(page: Page): Promise<Listed<ItemRow>>;
  get(id: string): Promise<ItemRow>;
  create(name: string): Promise<ItemRow>;
}

interface ${pascal}Parts {
  store: Store;
  rows: ${pascal}Store;
  clock: Clock;
  newId: ServiceParts['newId'];
}

export function create${pascal}({ store, rows, clock, newId }: ${pascal}Parts): ${pascal} {
  const ${camel}: ${pascal} = {
    list: rows.list,
    get: async (id) => {
      const item = await rows.find(id);
      if (item === undefined) throw notFound('item', id);
      return item;
    },
    create: (name) =>
      store.transaction(async (transaction) => {
        const item = { id: await newId(transaction, '${table}'), name, created_at: timestamp(clock) };
        await rows.insert(transaction, item);
        return item;
      }),
  };
  return ${camel};
}
`;

const storeOf = ({
  name,
  pascal,
  camel,
  table,
}) => `import { type Listed, listPage, type Migration, type Page, type Store, type Transaction } from '../kit/index.ts';

/** An item as it is stored. */
export interface ItemRow {
  id: string;
  name: string;
  created_at: string;
}

/** The SQL of the ${name} service. */
export interface ${pascal}Store {
  list(page: Page): Promise<Listed<ItemRow>>;
  find(id: string): Promise<ItemRow | undefined>;
  insert(transaction: Transaction, item: ItemRow): Promise<void>;
}

export const ${camel}Migrations: readonly Migration[] = [
  {
    name: '${name}-001-${name}',
    up: async (database) => {
      await database.schema.createTable('${table}', (table) => {
        table.increments('seq');
        table.text('id').notNullable().unique();
        table.text('name').notNullable();
        table.text('created_at').notNullable();
      });
    },
  },
];

export function create${pascal}Store({ read }: Store): ${pascal}Store {
  return {
    list: (page) => listPage<ItemRow>(read, '${table}', page),
    find: async (id) => await read<ItemRow>('${table}').where({ id }).first(),
    insert: async (transaction, item) => {
      await transaction('${table}').insert(item);
    },
  };
}
`;
