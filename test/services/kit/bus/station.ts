import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { loadContract } from '../../../../services/kit/contract/index.ts';
import {
  type Bus,
  createApp,
  createBus,
  type EventType,
  openStore,
  type ServiceParts,
  type Store,
  type Transaction,
} from '../../../../services/kit/index.ts';
import {
  type RunningService,
  type StartOptions,
  startService,
  temporaryFolder,
} from '../../start-service.ts';

const common = ['/', '/health', '/healthz', '/livez', '/metrics'];
const document = {
  openapi: '3.1.0',
  info: { title: 'station', version: '1' },
  paths: Object.fromEntries(common.map((path) => [path, { get: { responses: {} } }])),
};

/** A real service that does nothing but publish and consume. */
export interface Station {
  service: RunningService;
  store: Store;
  bus: Bus;
  publish(type: EventType, subject: string, data?: object): Promise<void>;
  /** The subjects of the events that had their effect, in that order. */
  effects(): Promise<string[]>;
  stop(): Promise<void>;
}

type StationOptions = StartOptions & {
  /** Registers consumers. */
  consumers?: (bus: Bus, store: Store) => void;
};

/** Where a station keeps its data, until the test is over. */
export async function ownFolder(): Promise<string> {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function startStation({ consumers, ...options }: StationOptions): Promise<Station> {
  const folder = options.folder ?? (await ownFolder());
  await writeFile(join(folder, 'station.yaml'), stringify(document));
  const contract = await loadContract('station', folder);
  const opened: { bus: Bus; store: Store }[] = [];
  const create = async (parts: ServiceParts) => {
    const store = await openStore({ ...parts, migrations: [effectsTable] });
    const bus = createBus({ ...parts, service: 'station', store });
    consumers?.(bus, store);
    opened.push({ bus, store });
    const { log, tracer, guard } = parts;
    const simulation = parts;
    return createApp({ name: 'station', contract, routes: [], store, bus, log, tracer, guard, simulation });
  };
  const service = await startService('users', create, { ...options, folder });
  const [parts] = opened;
  if (parts === undefined) throw new Error('the station was not made');
  const { bus, store } = parts;
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= service.stop();
    return stopped;
  };
  onTestFinished(stop);
  return {
    service,
    bus,
    store,
    stop,
    publish: (type, subject, data = {}) =>
      store.transaction((transaction) => bus.publishLater(transaction, { type, subject, data })),
    effects: async () => await store.read('effects').orderBy('seq').pluck('subject'),
  };
}

const effectsTable = {
  name: 'station-001',
  up: async (database: Store['read']) => {
    await database.schema.createTable('effects', (table) => {
      table.increments('seq');
      table.text('subject').notNullable();
    });
  },
};

/** What a consumer of a station does: a row for the event. */
export async function effect({ subject }: { subject: string }, transaction: Transaction): Promise<void> {
  await transaction('effects').insert({ subject });
}

/** Data that may be anything. */
export const anything = (data: unknown) => data;
