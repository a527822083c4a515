import { type Complaint, invalidRequest } from '../problem.ts';
import { formatLatency, latencyForm, parseLatency } from './latency.ts';
import { formatShare, parseShare, shareForm } from './share.ts';
import type { Faults, Treatment } from './simulation.ts';

export const noFaults: Faults = { routes: new Map() };

/** What `PUT /_simulate` takes and answers: texts as in the settings. */
export interface FaultsBody {
  latency?: string;
  failure_rate?: string;
  routes?: Record<string, { latency?: string; failure_rate?: string }>;
}

/** Reads what `PUT /_simulate` was sent. Throws a 400 problem with every complaint. */
export function readFaults(body: unknown, endpoints: readonly string[]): Faults {
  const complaints: Complaint[] = [];
  const complain = (pointer: string, message: string) => void complaints.push({ pointer, message });
  const { routes: given = {}, ...all } = membersOf(body, '#', complain);
  const routes = new Map<string, Treatment>();
  for (const [name, value] of Object.entries(membersOf(given, '#/routes', complain))) {
    const at = `#/routes/${escaped(name)}`;
    if (!endpoints.includes(name)) complain(at, `is not an endpoint; there are ${endpoints.join(', ')}`);
    const treatment = readTreatment(membersOf(value, at, complain), at, complain);
    // An empty one says nothing: the endpoint is treated as all others are.
    if (treatment.latency !== undefined || treatment.failureRate !== undefined) routes.set(name, treatment);
  }
  const faults = { ...readTreatment(all, '#', complain), routes };
  if (complaints.length > 0) throw invalidRequest(complaints);
  return faults;
}

/** A name as a token of a JSON pointer (RFC 6901, section 4). */
const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');

type Complain = (pointer: string, message: string) => void;

function membersOf(value: unknown, at: string, complain: Complain): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  complain(at, 'must be object');
  return {};
}

function readTreatment(members: Record<string, unknown>, at: string, complain: Complain): Treatment {
  const { latency, failure_rate: failureRate, ...others } = members;
  for (const name of Object.keys(others)) complain(`${at}/${escaped(name)}`, 'is not a known field');
  const read = <T>(name: string, value: unknown, { parse, form }: Reading<T>): T | undefined => {
    if (value === undefined) return undefined;
    const parsed = typeof value === 'string' ? parse(value) : undefined;
    if (parsed === undefined) complain(`${at}/${name}`, `must be ${form}`);
    return parsed;
  };
  return {
    latency: read('latency', latency, { parse: parseLatency, form: latencyForm }),
    failureRate: read('failure_rate', failureRate, { parse: parseShare, form: shareForm }),
  };
}

interface Reading<T> {
  parse: (text: string) => T | undefined;
  /** Completes "must be ...". */
  form: string;
}

/** Faults as `readFaults` reads them. */
export function faultsBody({ routes, ...all }: Faults): FaultsBody {
  return {
    ...treatmentBody(all),
    ...(routes.size === 0
      ? {}
      : { routes: Object.fromEntries([...routes].map(([name, one]) => [name, treatmentBody(one)])) }),
  };
}

/** A treatment in texts; what it leaves out is left out. */
export function treatmentBody({ latency, failureRate }: Treatment) {
  return {
    ...(latency === undefined ? {} : { latency: formatLatency(latency) }),
    ...(failureRate === undefined ? {} : { failure_rate: formatShare(failureRate) }),
  };
}
