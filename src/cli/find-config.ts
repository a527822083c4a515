import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ShopctlError } from '../errors/index.ts';

export const CONFIG_FILE = 'e2e.config.yaml';

/** The nearest `e2e.config.yaml` in `folder` or above it, as git finds its repository. */
export function findConfig(folder: string): string {
  for (let here = folder; ; here = dirname(here)) {
    const candidate = join(here, CONFIG_FILE);
    if (existsSync(candidate)) return candidate;
    if (dirname(here) === here) break;
  }
  throw new ShopctlError('config-not-found', {
    message: `there is no ${CONFIG_FILE} in ${folder} or above it`,
  });
}
