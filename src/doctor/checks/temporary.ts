import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Check, Diagnosis } from '../diagnosis.ts';
import { type FolderFacts, tryFolder } from '../writable.ts';

const LEAST_MIB = 50;

export const temporary: Check = {
  name: 'temp folder',
  look: async () => {
    const folder = tmpdir();
    const isThere = existsSync(folder);
    const facts = isThere ? await tryFolder(folder) : { folder, freeMib: 0, failure: 'it does not exist' };
    return [judgeTemporary(facts)];
  },
};

export function judgeTemporary({ folder, freeMib, failure }: FolderFacts): Diagnosis {
  const remedy = 'point TMPDIR at a folder of yours: `export TMPDIR=$HOME/tmp`';
  if (failure !== undefined) {
    return { level: 'problem', message: `nothing can be written to ${folder}: ${failure}`, remedy };
  }
  if (freeMib < LEAST_MIB)
    return { level: 'warning', message: `only ${freeMib} MiB are free in ${folder}`, remedy };
  return { level: 'ok', message: `${folder} can be written to` };
}
