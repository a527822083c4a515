import type { Check, Diagnosis, Scene } from '../diagnosis.ts';

export const configuration: Check = {
  name: 'configuration',
  look: async (scene) => [judgeConfiguration(scene)],
};

export function judgeConfiguration({ project, projectError, hasNoConfig, root }: Scene): Diagnosis {
  if (hasNoConfig) {
    return {
      level: 'warning',
      message: `there is no e2e.config.yaml in ${root} or above it, so nothing of a project was looked at`,
      remedy: 'run this in the folder of a project, or name its file with `--config FILE`',
    };
  }
  if (project === undefined) {
    return {
      level: 'problem',
      message: 'the configuration cannot be used',
      ...(projectError === undefined ? {} : { error: projectError }),
    };
  }
  const { source, topology, services } = project;
  const count = `${services.length} ${services.length === 1 ? 'service' : 'services'}`;
  return { level: 'ok', message: `${source.file} is valid: topology ${topology}, ${count}` };
}
