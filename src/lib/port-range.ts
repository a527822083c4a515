import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** From and to, both counted in. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** Below it are the ports that people know by heart. */
const LOWEST = 20_000;
const HIGHEST = 65_535;
/** A range with fewer ports is left for one with more. */
const ENOUGH = 1_000;
/** What systems have unless somebody changed it, should this one not tell. */
const USUAL_FIRST = 32_768;

/**
 * Ports that the system gives to nobody by itself. From its own range (Linux from 32768, macOS from 49152) any program
 * that connects anywhere may get a port at any moment, also while a service of ours is down for a moment.
 */
export function portsNobodyIsGiven(given: PortRange = givenBySystem()): PortRange {
  const below = { from: LOWEST, to: given.from - 1 };
  if (sizeOf(below) >= ENOUGH) return below;
  const above = { from: Math.max(LOWEST, given.to + 1), to: HIGHEST };
  if (sizeOf(above) >= ENOUGH) return above;
  // All of it is given away here: there is no better place, and what is taken is not taken again.
  return { from: LOWEST, to: HIGHEST };
}

/** Reads `12000-13999`; undefined for anything else. */
export function parsePortRange(text: string): PortRange | undefined {
  const [, from, to] = /^(\d{1,5})-(\d{1,5})$/.exec(text) ?? [];
  const range = { from: Number(from), to: Number(to) };
  return range.from >= 1 && range.to <= HIGHEST && range.from <= range.to ? range : undefined;
}

export const sizeOf = ({ from, to }: PortRange) => to - from + 1;

function givenBySystem(): PortRange {
  const [from = Number.NaN, to = Number.NaN] = readRange();
  return Number.isInteger(from) && Number.isInteger(to) ? { from, to } : { from: USUAL_FIRST, to: HIGHEST };
}

function readRange(): number[] {
  try {
    if (process.platform === 'linux') {
      return readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/).map(Number);
    }
    const names = ['net.inet.ip.portrange.first', 'net.inet.ip.portrange.last'];
    return execFileSync('sysctl', ['-n', ...names], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .trim()
      .split(/\s+/)
      .map(Number);
  } catch {
    // A system that does not tell: the usual range is assumed.
    return [];
  }
}
