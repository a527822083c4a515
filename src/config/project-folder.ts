import { join } from 'node:path';
import { ShopctlError } from '../errors/index.ts';

/** The project that has no name of its own. */
export const DEFAULT_PROJECT = 'default';
const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
const FOLDER = '.shopctl';

/** Where a project keeps its state, logs and data: `.shopctl`, or for a named one `.shopctl/projects/NAME`. */
export function stateDirOf(root: string, project: string | undefined): string {
  return project === undefined ? join(root, FOLDER) : join(projectsDirOf(root), project);
}

/** The folder with a folder for each named project. */
export const projectsDirOf = (root: string) => join(root, FOLDER, 'projects');

/**
 * The project that `--project` or SHOPCTL_PROJECT names; undefined for the one without a name.
 * @throws ShopctlError `usage` for what cannot be the name of a folder
 */
export function projectName(option: string | undefined, variable: string | undefined): string | undefined {
  const name = option ?? (variable === '' ? undefined : variable);
  if (name === undefined || name === DEFAULT_PROJECT) return undefined;
  if (NAME.test(name)) return name;
  throw new ShopctlError('usage', {
    message: `${option === undefined ? 'SHOPCTL_PROJECT' : '--project'} is no name for a project: ${JSON.stringify(name)}`,
    hint: 'write up to 40 small letters, digits and dashes, such as --project feature-7',
  });
}

/** `shopctl` as it is to be typed for this project, for hints. */
export const shopctlFor = (project: string | undefined) =>
  project === undefined ? 'shopctl' : `shopctl --project ${project}`;
