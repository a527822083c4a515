import type { Check, Diagnosis } from '../diagnosis.ts';

/** As in `engines` of package.json. */
const OLDEST = [20, 19] as const;

export const node: Check = {
  name: 'node',
  look: async () => [judgeNode(process.versions.node)],
};

/** @param version such as `20.19.1` */
export function judgeNode(version: string): Diagnosis {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    return {
      level: 'problem',
      message: `this is Node ${version}, and shopctl needs ${OLDEST.join('.')} or newer`,
      remedy: 'install a newer one: https://nodejs.org/en/download',
    };
  }
  if (major % 2 === 1) {
    return {
      level: 'warning',
      message: `this is Node ${version}: odd versions are mended for a few months only`,
      remedy: `use Node ${major - 1} or ${major + 1}`,
    };
  }
  return { level: 'ok', message: `Node ${version}` };
}
