import { EDGE_SETTINGS, type EdgeSettings } from '../../config/edge-settings.ts';

export interface EdgeEnvironment {
  readonly settings: EdgeSettings;
  /** Where it listens. */
  readonly port: number;
}

/** Reads what an edge is told. @throws Error saying which variable is wrong: shopctl itself has written them */
export function readSettings(env: NodeJS.ProcessEnv): EdgeEnvironment {
  const port = Number(env['PORT']);
  if (!isPort(port)) throw new Error('PORT is no port');
  const settings = parse(env[EDGE_SETTINGS]);
  if (!areSettings(settings)) throw new Error(`${EDGE_SETTINGS} does not hold the settings of an edge`);
  return { settings, port };
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

/** By hand: a schema would cost more to load than all the rest of the edge. */
function areSettings(data: unknown): data is EdgeSettings {
  if (!isObject(data)) return false;
  const { service, by, members, probes, everyMs, timeoutMs } = data;
  return (
    isText(service) &&
    (by === 'request' || by === 'connection') &&
    Array.isArray(members) &&
    members.length > 0 &&
    members.every(isMember) &&
    // What a probe may be is known to who probes.
    Array.isArray(probes) &&
    probes.length > 0 &&
    probes.every((probe) => isObject(probe) && isText(probe['kind'])) &&
    isDuration(everyMs) &&
    isDuration(timeoutMs)
  );
}

const isObject = (data: unknown): data is Record<string, unknown> =>
  typeof data === 'object' && data !== null;
const isText = (data: unknown) => typeof data === 'string' && data !== '';
const isPort = (data: unknown) => Number.isInteger(data) && Number(data) >= 1 && Number(data) <= 65_535;
const isDuration = (data: unknown) => Number.isInteger(data) && Number(data) >= 1;
const isMember = (data: unknown) => isObject(data) && isText(data['name']) && isPort(data['port']);
