import type { OwnService } from '../../config/project.ts';
import type { Listener, ProcessIdentity, ProcessTable } from '../process-table.ts';
import { differences } from './differences.ts';
import { expectedProgram } from './expected-program.ts';

/** Whether the process behind a listener is the one that a service's configuration describes. */
export type Identity =
  | { readonly kind: 'same'; readonly process: ProcessIdentity }
  /** What differs, as sentences about the one that is most like it. */
  | { readonly kind: 'other'; readonly differences: readonly string[] };

/** Wrappers (npm, sh, a process of its own for each core) are no deeper than that. */
const MOST_ANCESTORS = 8;

/** Looks at whoever holds the socket and at its ancestors: `npm run` and a shell stand above the one that listens. */
export async function identify(spec: OwnService, { pids }: Listener, table: ProcessTable): Promise<Identity> {
  const expected = expectedProgram(spec);
  let closest: readonly string[] | undefined;
  for (const pid of pids) {
    for (const candidate of await withAncestors(pid, table)) {
      const program = await table.program(candidate.pid);
      if (program === undefined) continue;
      const said = differences(expected, program);
      if (said.length === 0) return { kind: 'same', process: candidate };
      if (closest === undefined || said.length < closest.length) closest = said;
    }
  }
  return { kind: 'other', differences: closest ?? ['its process may not be looked into'] };
}

async function withAncestors(pid: number, table: ProcessTable): Promise<ProcessIdentity[]> {
  const line: ProcessIdentity[] = [];
  let next = pid;
  while (line.length <= MOST_ANCESTORS && next > 1) {
    const entry = await table.find(next);
    // Whoever started shopctl is no service of it.
    if (entry === undefined || entry.pid === process.pid) break;
    line.push({ pid: entry.pid, startTime: entry.startTime });
    next = entry.parentPid;
  }
  return line;
}
