import { existsSync } from 'node:fs';
import type { Check, Diagnosis } from '../diagnosis.ts';
import { type FolderFacts, lookAtFolder, tryFolder } from '../writable.ts';

/** Logs and data of a few runs. */
const COMFORTABLE_MIB = 500;
const LEAST_MIB = 50;

export const disk: Check = {
  name: 'disk',
  look: async ({ project }) => {
    if (project === undefined) return [];
    const { stateDir, root } = project;
    // A folder that nobody has made yet can be made where it is to be.
    return [judgeDisk(await (existsSync(stateDir) ? tryFolder(stateDir) : lookAtFolder(root)), stateDir)];
  },
};

/** @param stateDir what state, logs and data are to be written to */
export function judgeDisk({ freeMib, failure }: FolderFacts, stateDir: string): Diagnosis {
  if (failure !== undefined) {
    return {
      level: 'problem',
      message: `nothing can be written to ${stateDir}: ${failure}`,
      remedy: `make it yours and writable: \`ls -ld ${stateDir}\`, \`df ${stateDir}\``,
    };
  }
  const message = `${freeMib} MiB are free for ${stateDir}`;
  if (freeMib >= COMFORTABLE_MIB) return { level: 'ok', message };
  return {
    level: freeMib < LEAST_MIB ? 'problem' : 'warning',
    message: `only ${message}`,
    remedy: 'free some space; `shopctl down --volumes` deletes what the services have stored',
  };
}
