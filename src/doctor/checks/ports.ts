import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isUp, ownerOfPort, readStatus } from '../../topology/index.ts';
import type { Check, Diagnosis, Scene } from '../diagnosis.ts';

export interface PortFacts {
  readonly service: string;
  readonly port: number;
  /** The service runs, and listens there. */
  readonly isHeld?: true;
  /** Who listens there and is not the service itself. */
  readonly owner?: { readonly words: string; readonly pid?: number };
}

export interface PortRules {
  /** From these the system gives ports to whoever asks for any. */
  readonly dynamic?: readonly [number, number];
  /** Of those, not given to anybody. */
  readonly reserved: readonly (readonly [number, number])[];
  /** The lowest that this user may listen on. */
  readonly lowest: number;
}

export const ports: Check = {
  name: 'ports',
  look: async (scene, signal) => {
    const facts = await gatherPorts(scene);
    return facts.length === 0 ? [] : judgePorts(facts, await portRules(signal));
  },
};

export function judgePorts(facts: readonly PortFacts[], rules: PortRules): Diagnosis[] {
  const said = facts.flatMap((fact) => judgePort(fact, rules) ?? []);
  if (said.length > 0) return said;
  const held = facts.filter(({ isHeld }) => isHeld === true).length;
  const count = facts.length === 1 ? 'the port' : `all ${facts.length} ports`;
  const message =
    held === 0
      ? `${count} of the topology can be listened on`
      : held === facts.length
        ? `on ${count} of the topology its own services listen`
        : `of the ${facts.length} ports of the topology its own services listen on ${held}, and the others are free`;
  return [{ level: 'ok', message }];
}

function judgePort({ service, port, owner }: PortFacts, rules: PortRules): Diagnosis | undefined {
  if (owner !== undefined) {
    const find = owner.pid === undefined ? 'find it with `sudo ss -ltnp`' : `\`kill ${owner.pid}\``;
    return {
      level: 'problem',
      message: `port ${port} of ${service} is taken by ${owner.words}`,
      remedy: `${find}, or use it as it is with \`shopctl up --adopt\` if it is ${service}, or change the port of ${service}`,
    };
  }
  if (port < rules.lowest) {
    return {
      level: 'problem',
      message: `port ${port} of ${service} is below ${rules.lowest}, where you may not listen`,
      remedy: `give ${service} a port from ${rules.lowest} on`,
    };
  }
  const { dynamic } = rules;
  const isGiven = isWithin(port, dynamic) && !rules.reserved.some((range) => isWithin(port, range));
  if (!isGiven || dynamic === undefined) return undefined;
  return {
    level: 'warning',
    message: `port ${port} of ${service} lies in ${dynamic[0]}-${dynamic[1]}, out of which any program may be given it by chance`,
    remedy: `give ${service} a port below ${dynamic[0]}`,
  };
}

const isWithin = (port: number, range: readonly [number, number] | undefined) =>
  range !== undefined && port >= range[0] && port <= range[1];

async function gatherPorts({ project }: Scene): Promise<PortFacts[]> {
  if (project === undefined) return [];
  const { services } = await readStatus(project);
  // What is left over of a killed run is told by the check for that.
  const running = services.filter((service) => isUp(service) || service.state === 'orphaned');
  return Promise.all(
    project.services.flatMap((spec) => {
      if (spec.kind !== 'own' || spec.port === undefined) return [];
      const { name: service, port } = spec;
      // Ready means that the port is its own.
      const isOurs = running.some((one) => one.name === service && one.port === port);
      return [isOurs ? { service, port, isHeld: true as const } : withOwner(service, port)];
    }),
  );
}

async function withOwner(service: string, port: number): Promise<PortFacts> {
  const owner = await ownerOfPort(port);
  return { service, port, ...(owner === undefined ? {} : { owner }) };
}

const LINUX = '/proc/sys/net/ipv4';

async function portRules(signal: AbortSignal): Promise<PortRules> {
  const isRoot = process.getuid?.() === 0;
  const lowest = isRoot ? 1 : Number(read(`${LINUX}/ip_unprivileged_port_start`) ?? 1_024);
  if (process.platform === 'darwin') {
    const names = ['net.inet.ip.portrange.first', 'net.inet.ip.portrange.last'];
    return { ...parseRules((await sysctl(names, signal)).replace('\n', ' '), ''), lowest };
  }
  const range = read(`${LINUX}/ip_local_port_range`) ?? '';
  return { ...parseRules(range, read(`${LINUX}/ip_local_reserved_ports`) ?? ''), lowest };
}

/** @param range `32768	60999` @param reserved `8080,9000-9010`, or nothing */
export function parseRules(range: string, reserved: string): Omit<PortRules, 'lowest'> {
  const [, low, high] = /^(\d+)\s+(\d+)/.exec(range.trim()) ?? [];
  const ranges = reserved.split(',').flatMap((part) => {
    const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? [];
    return from === undefined ? [] : [[Number(from), Number(to ?? from)] as const];
  });
  return {
    ...(low === undefined ? {} : { dynamic: [Number(low), Number(high)] as const }),
    reserved: ranges,
  };
}

function sysctl(names: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    execFile('sysctl', ['-n', ...names], { signal }, (_error, text) => resolve(text));
  });
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
