import { freemem } from 'node:os';
import type { Check, Diagnosis } from '../diagnosis.ts';

const MEBIBYTE = 1_048_576;
/** What shopctl itself takes, and a small service of a runtime such as Node; nobody has said how large theirs are. */
const OURS_MIB = 150;
const SERVICE_MIB = 80;

export const memory: Check = {
  name: 'memory',
  look: async ({ project }) => {
    // Knows the limit of a container too; older versions of Node know the machine only.
    const bytes = 'availableMemory' in process ? process.availableMemory() : freemem();
    const services = project?.services.filter(({ kind }) => kind === 'own').length ?? 0;
    return [judgeMemory({ availableMib: Math.floor(bytes / MEBIBYTE), services })];
  },
};

export interface MemoryFacts {
  readonly availableMib: number;
  /** How many would be started. */
  readonly services: number;
}

export function judgeMemory({ availableMib, services }: MemoryFacts): Diagnosis {
  const neededMib = OURS_MIB + services * SERVICE_MIB;
  const message = `${availableMib} MiB of memory are available`;
  if (availableMib >= neededMib) return { level: 'ok', message };
  const small = services === 1 ? '1 small service needs' : `${services} small services need`;
  const who = services === 0 ? 'shopctl needs' : small;
  return {
    level: availableMib < OURS_MIB ? 'problem' : 'warning',
    message: `${message}, and ${who} about ${neededMib}`,
    remedy: 'close other programs, or start fewer services: `shopctl up SERVICE`',
  };
}
