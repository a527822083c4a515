import { broker } from './checks/broker.ts';
import { clock } from './checks/clock.ts';
import { configuration } from './checks/configuration.ts';
import { database } from './checks/database.ts';
import { disk } from './checks/disk.ts';
import { leftovers } from './checks/leftovers.ts';
import { loopback } from './checks/loopback.ts';
import { memory } from './checks/memory.ts';
import { node } from './checks/node.ts';
import { openFiles } from './checks/open-files.ts';
import { ports } from './checks/ports.ts';
import { proxy } from './checks/proxy.ts';
import { sqlite } from './checks/sqlite.ts';
import { temporary } from './checks/temporary.ts';
import { tools } from './checks/tools.ts';
import type { Check } from './diagnosis.ts';

/** Everything that `doctor` looks at, in the order in which it is told. */
export const checks: readonly Check[] = [
  node,
  sqlite,
  configuration,
  ports,
  broker,
  database,
  leftovers,
  memory,
  openFiles,
  disk,
  temporary,
  clock,
  loopback,
  proxy,
  tools,
];
