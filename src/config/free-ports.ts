import { createHash } from 'node:crypto';
import { ShopctlError } from '../errors/index.ts';
import { type PortRange, parsePortRange, portsNobodyIsGiven, sizeOf } from '../lib/port-range.ts';
import type { PlacedService } from './topology.ts';

/** The variable with which a range of one's own is chosen. */
const RANGE = 'SHOPCTL_PORT_RANGE';

export interface FreePortRequest {
  /** `--free-ports`: not only where the configuration says `port: 0`. */
  readonly everywhere: boolean;
  /** What services were given already, by name. */
  readonly given: ReadonlyMap<string, number>;
  /** Folder of the state: each project has ports of its own. */
  readonly stateDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Gives ports to services that are to have any (`port: 0`): those that they were given before, else the first that their
 * names lead to. Whether nobody listens there is not looked at here.
 */
export function withFreePorts(
  placed: readonly PlacedService[],
  request: FreePortRequest,
): readonly PlacedService[] {
  const { everywhere, given } = request;
  const isFree = ({ name, raw }: PlacedService) =>
    raw.url === undefined && raw.port !== undefined && (everywhere || raw.port === 0 || given.has(name));
  const free = placed.filter(isFree);
  if (free.length === 0) return placed;
  const fixed = placed.flatMap((service) => (isFree(service) ? [] : (service.raw.port ?? [])));
  const taken = new Set([...fixed, ...given.values()]);
  const range = portRange(request.env);
  return placed.map((service) => {
    if (!free.includes(service)) return service;
    const { name, raw } = service;
    const port = given.get(name) ?? firstOf(portCandidates({ ...request, name, range }), taken);
    taken.add(port);
    return { ...service, freePort: true, raw: { ...raw, ...anyManagementPort(service, everywhere), port } };
  });
}

/** Ports for a service in the order in which they are tried: the same ones each time, and others for each project. */
export function* portCandidates({
  stateDir,
  name,
  range,
}: {
  readonly stateDir: string;
  readonly name: string;
  readonly range: PortRange;
}): Generator<number> {
  const size = sizeOf(range);
  const digest = createHash('sha256').update(`${stateDir}\0${name}`).digest();
  const start = digest.readUInt32BE(0) % size;
  // Two that meet at one port part again at the next.
  const step = coprime(1 + (digest.readUInt32BE(4) % size), size);
  for (let tried = 0; tried < size; tried += 1) yield range.from + ((start + tried * step) % size);
}

/** From `step` up the next with which every place of a circle of that size is come by. */
function coprime(step: number, size: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  for (let next = step; ; next += 1) if (divisor(next, size) === 1) return next;
}

/** @throws ShopctlError `usage` when SHOPCTL_PORT_RANGE is no range */
export function portRange(env: FreePortRequest['env']): PortRange {
  const text = env[RANGE] ?? '';
  if (text === '') return portsNobodyIsGiven();
  const range = parsePortRange(text);
  if (range !== undefined) return range;
  throw new ShopctlError('usage', {
    message: `${RANGE} is no range of ports: ${text}`,
    hint: 'write FROM-TO, such as 12000-13999',
  });
}

function firstOf(candidates: Iterable<number>, taken: ReadonlySet<number>): number {
  for (const port of candidates) if (!taken.has(port)) return port;
  throw noneLeft();
}

export const noneLeft = () =>
  new ShopctlError('port-taken', {
    message: 'there is no free port left in the range from which services are given theirs',
    hint: `stop what runs there, or choose a larger range: ${RANGE}=FROM-TO`,
  });

/** The broker's page has a port of its own, which is told to whoever asks the broker. */
function anyManagementPort({ protocol, raw }: PlacedService, everywhere: boolean) {
  return protocol === 'amqp' && everywhere ? { env: { ...raw.env, BROKER_MANAGEMENT_PORT: 0 } } : {};
}
