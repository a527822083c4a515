import { setTimeout as sleep } from 'node:timers/promises';
import type { OwnService } from '../config/project.ts';
import { type Problem, ShopctlError } from '../errors/index.ts';
import { identify } from './adopt/identify.ts';
import { answeringOn } from './answering-on.ts';
import { processTable } from './platform.ts';
import { printable } from './printable.ts';
import { familyOf, type Listener, type ProcessTable } from './process-table.ts';

const ENDING_LIMIT_MS = 500;
const ENDING_POLL_MS = 20;

/** Who answers on a port of this machine. */
export type PortOwner =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'ours' }
  | { readonly kind: 'stranger'; readonly listener: Listener };

export interface OwnerQuestion {
  /** The address that answered. */
  readonly address: string;
  readonly port: number;
  /** Our process; its group and its descendants count as it. */
  readonly pid: number;
  readonly table: ProcessTable;
}

/** Whether the socket that answers on this address and port is held by the given process or one of its family. */
export async function portOwner(question: OwnerQuestion): Promise<PortOwner> {
  const { address, port, pid, table } = question;
  // Mostly it is the process itself, which is found without a look at all the others.
  if (await table.answersOn(pid, { address, port })) return { kind: 'ours' };
  const family = familyOf(pid, await table.list());
  const answering = answeringOn(await table.listeners(port, family), address);
  if (answering.length === 0) return { kind: 'nobody' };
  const stranger = answering.find(({ pids }) => pids.length === 0);
  return stranger === undefined ? { kind: 'ours' } : { kind: 'stranger', listener: stranger };
}

/** A port of a service that is about to start, and who listens on it. */
export interface TakenPort {
  readonly spec: OwnService;
  readonly port: number;
  readonly listener: Listener;
}

/**
 * @param explain says more of an owner that the caller knows
 * @throws ShopctlError `port-taken` naming every taken port with its owner
 */
export async function refuseTakenPorts(
  services: readonly OwnService[],
  table: ProcessTable,
  explain: (taken: TakenPort) => Promise<Problem | undefined> = async () => undefined,
): Promise<void> {
  const problems: Problem[] = [];
  const heard = await table.heard();
  for (const spec of services) {
    const { port } = spec;
    if (port === undefined || heard?.has(port) === false) continue;
    const listener = await settledListener(port, table);
    if (listener === undefined) continue;
    const taken = { spec, port, listener };
    problems.push((await explain(taken)) ?? (await takenPort(taken, table)));
  }
  if (problems.length === 0) return;
  const [first] = problems;
  const isOne = problems.length === 1 && first !== undefined;
  throw new ShopctlError('port-taken', {
    message: isOne ? first.message : `${problems.length} ports are taken; nothing was started`,
    ...(isOne ? { hint: first.hint ?? '' } : { problems }),
  });
}

/** Who listens on a port of this machine, in words, with the pid where it may be known. */
export async function ownerOfPort(
  port: number,
  table: ProcessTable = processTable(),
): Promise<{ readonly words: string; readonly pid?: number } | undefined> {
  const listener = await settledListener(port, table);
  if (listener === undefined) return undefined;
  const [pid] = listener.pids;
  const words = await describeOwner(listener, table);
  return pid === undefined ? { words } : { words, pid };
}

/** A process that is ending keeps its port for a moment in which nobody shows as its holder. */
export async function settledListener(port: number, table: ProcessTable): Promise<Listener | undefined> {
  const deadlineMs = performance.now() + ENDING_LIMIT_MS;
  for (;;) {
    const [listener] = await table.listeners(port);
    if (listener === undefined || listener.pids.length > 0) return listener;
    if (listener.uid !== process.getuid?.() || performance.now() > deadlineMs) return listener;
    await sleep(ENDING_POLL_MS);
  }
}

async function takenPort({ spec, port, listener }: TakenPort, table: ProcessTable): Promise<Problem> {
  const { name, freePort } = spec;
  const [pid] = listener.pids;
  const isIt = pid !== undefined && (await identify({ ...spec, port }, listener, table)).kind === 'same';
  if (isIt) {
    return {
      message: `port ${port} of ${name} is taken by ${await describeOwner(listener, table)}`,
      hint: `it is ${name} itself, started by hand: use it as it runs with \`--adopt\`, or stop it with \`kill ${pid}\``,
    };
  }
  const find = pid === undefined ? 'find it with `sudo ss -ltnp`' : `stop it with \`kill ${pid}\``;
  const free = 'it was free a moment ago: start again, and another port is picked';
  return {
    message: `port ${port} of ${name} is taken by ${await describeOwner(listener, table)}`,
    hint: freePort === true ? free : `${find}, or change the port of ${name}`,
  };
}

/** `pid 4711 (nc -l 5003)`, or what can be said without rights to look. */
export async function describeOwner(listener: Listener, table: ProcessTable): Promise<string> {
  const [pid] = listener.pids;
  if (pid === undefined) {
    const user = listener.uid === undefined ? 'another user' : `user id ${listener.uid}`;
    return `a process of ${user} that may not be looked into (address ${listener.address})`;
  }
  const command = await table.commandLine(pid);
  return command === undefined ? `pid ${pid}` : `pid ${pid} (${printable(command)})`;
}
