import { didYouMean } from '../source/index.ts';
import { BROKER } from './broker.ts';
import type { Problems } from './problems.ts';
import type { RawConfig, RawService, RawTopology } from './raw.ts';

/** A service as one topology sees it, and where each of its keys was written. */
export interface PlacedService {
  readonly name: string;
  readonly raw: RawService;
  /** `amqp`: what stands for the `broker:` key. */
  readonly protocol?: 'amqp';
  /** Its port is any that is free, and may be another one next time. */
  readonly freePort?: true;
  /** One of the processes of the service with this name. */
  readonly replicaOf?: string;
  /** What stands before the processes of a service. */
  readonly edge?: EdgeRole;
  /** The path of `key`: in the topology's override where it is set there, else in the service's own entry. */
  pathOf(...key: (string | number)[]): (string | number)[];
}

/** The edge of a service with replicas. */
export interface EdgeRole {
  readonly members: readonly string[];
  readonly by: 'request' | 'connection';
}

export interface ChosenTopology {
  readonly name: string;
  readonly raw: RawTopology;
  readonly services: readonly PlacedService[];
}

/** Without a name and without a default, the topology of all services. */
export const ALL_SERVICES = 'default';

/** Picks a topology and lays its overrides over the services; `env` and `ready` are merged key by key. */
export function chooseTopology(
  config: RawConfig,
  wanted: string | undefined,
  problems: Problems,
): ChosenTopology {
  const name = wanted ?? config.topology ?? ALL_SERVICES;
  const raw = entryOf(config.topologies ?? {}, name);
  if (raw === undefined && name !== ALL_SERVICES)
    reportUnknown(config, { name, isFromFile: wanted === undefined }, problems);
  const members = [...new Set(raw?.services ?? Object.keys(config.services))];
  checkMembers(config, name, raw ?? {}, problems);
  const services = members.flatMap((member) => {
    const own = entryOf(config.services, member);
    return own === undefined
      ? []
      : [
          place(member, own, {
            topology: name,
            override: raw?.override?.[member],
            isBroker: member === BROKER && config.broker !== undefined,
          }),
        ];
  });
  return { name, raw: raw ?? {}, services };
}

/** An entry that stands in the file: `constructor` is one of every object, and of no file. */
function entryOf<T>(entries: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(entries, name) ? entries[name] : undefined;
}

function reportUnknown(
  config: RawConfig,
  { name, isFromFile }: { name: string; isFromFile: boolean },
  problems: Problems,
) {
  const known = Object.keys(config.topologies ?? {});
  const near = didYouMean(name, known);
  const listing = known.length === 0 ? 'the file has no topologies' : `known: ${known.join(', ')}`;
  const path = isFromFile ? ['topology'] : ['topologies'];
  problems.at(
    path,
    `there is no topology \`${name}\``,
    near === undefined ? listing : `did you mean \`${near}\`?`,
  );
}

function checkMembers(config: RawConfig, name: string, raw: RawTopology, problems: Problems): void {
  const known = Object.keys(config.services);
  if (raw.services?.length === 0)
    problems.at(
      ['topologies', name, 'services'],
      `the topology \`${name}\` has no services`,
      `known: ${known.join(', ')}`,
    );
  for (const [index, member] of (raw.services ?? []).entries()) {
    if (entryOf(config.services, member) !== undefined) {
      if (raw.services?.indexOf(member) !== index)
        problems.at(['topologies', name, 'services', index], `\`${member}\` is listed twice`, 'keep one');
      continue;
    }
    problems.at(
      ['topologies', name, 'services', index],
      `there is no service \`${member}\``,
      suggestion(member, known),
    );
  }
  const members = raw.services ?? known;
  for (const member of Object.keys(raw.override ?? {})) {
    if (members.includes(member)) continue;
    const path = ['topologies', name, 'override', member];
    problems.at(path, `\`${member}\` is not a service of this topology`, suggestion(member, members));
  }
}

/** The remedy for an unknown name: the nearest known one, else all of them. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = didYouMean(word, known);
  return near === undefined ? `known: ${known.join(', ')}` : `did you mean \`${near}\`?`;
}

interface Placement {
  readonly topology: string;
  readonly override: RawService | undefined;
  readonly isBroker: boolean;
}

function place(
  name: string,
  own: RawService,
  { topology, override = {}, isBroker }: Placement,
): PlacedService {
  const laidOver = isBroker && own.url !== undefined ? withoutProcess(override) : override;
  const overridden: Record<string, unknown> = { ...laidOver };
  return {
    name,
    ...(isBroker ? { protocol: 'amqp' as const } : {}),
    raw: {
      ...own,
      ...laidOver,
      ...(own.env || laidOver.env ? { env: { ...own.env, ...laidOver.env } } : {}),
      ...(own.ready || laidOver.ready ? { ready: { ...own.ready, ...laidOver.ready } } : {}),
    },
    pathOf: (...key) => {
      const base = has(overridden, key)
        ? ['topologies', topology, 'override', name]
        : isBroker
          ? [BROKER]
          : ['services', name];
      return [...base, ...key];
    },
  };
}

/** Where AMQP_URL takes the place of the embedded broker, its port and variables are nobody's. */
function withoutProcess({ port: _port, env: _env, cwd: _cwd, stop: _stop, ...rest }: RawService): RawService {
  return rest;
}

function has(value: unknown, [first, ...rest]: readonly (string | number)[]): boolean {
  if (first === undefined || typeof value !== 'object' || value === null) return false;
  const child: unknown = Reflect.get(value, first);
  return child !== undefined && (rest.length === 0 || typeof child !== 'object' || has(child, rest));
}
