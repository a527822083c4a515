import type { OwnService } from '../config/project.ts';
import { familyOf, type ProcessTable } from './process-table.ts';

/** More are no help. */
const MOST = 4;

interface Silence {
  readonly spec: OwnService;
  readonly pid: number;
  readonly table: ProcessTable;
}

/** On which other ports a service listens on whose own port nobody does, as in `5004 and 9229`; undefined: on none. */
export async function portsInstead({ spec, pid, table }: Silence): Promise<string | undefined> {
  const ports = await table.portsOf(familyOf(pid, await table.list()));
  const others = ports.filter((port) => port !== spec.port).map(String);
  if (others.length > MOST) return `${others.slice(0, MOST).join(', ')} and others`;
  const last = others.pop();
  return others.length === 0 ? last : `${others.join(', ')} and ${last}`;
}
