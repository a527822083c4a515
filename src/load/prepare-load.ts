import {
  type LoadProfile,
  type Project,
  type SaturateProfile,
  trustedServices,
  type UsersProfile,
} from '../config/index.ts';
import type { Scope } from '../expression/index.ts';
import type { TrustedAuthority } from '../http/index.ts';
import type { Journey } from '../suite/index.ts';
import { prepareJourney } from './prepare-journey.ts';
import { prepareRequests } from './prepare-requests.ts';
import { refuseRemote, type Target } from './targets.ts';
import { checkThresholds } from './thresholds.ts';

interface Prepared {
  readonly env: Readonly<Record<string, string>>;
  /** Names of what is counted, in the order of the result. */
  readonly names: readonly string[];
  readonly targets: readonly Target[];
  /** Services that speak HTTPS with certificates of an authority of their own. */
  readonly trusted: readonly TrustedAuthority[];
}

export interface PreparedRequests extends Prepared {
  readonly executor: 'saturate';
  readonly profile: SaturateProfile;
  readonly scope: Scope;
}

export interface PreparedJourney extends Prepared {
  readonly executor: 'users';
  readonly profile: UsersProfile;
  readonly journey: Journey;
  /** Base URLs by service name. */
  readonly services: Readonly<Record<string, string>>;
}

export type PreparedLoad = PreparedRequests | PreparedJourney;

export interface LoadPlan {
  readonly project: Project;
  readonly profile: LoadProfile;
  /** What `env` holds in expressions. */
  readonly env: NodeJS.ProcessEnv;
  /** Where the user stands: files that a journey uses are printed relative to it. */
  readonly cwd: string;
}

/**
 * Everything that can be wrong before a service is started: expressions, steps, URLs, headers, thresholds, and targets
 * that are not this machine.
 *
 * @throws ShopctlError `config-invalid` with places, or `load-target-remote`
 */
export async function prepareLoad({ project, profile, env, cwd }: LoadPlan): Promise<PreparedLoad> {
  const set = Object.fromEntries(
    Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
  const trusted = trustedServices(project.services);
  if (profile.executor === 'saturate') {
    const names = profile.requests.map(({ name }) => name);
    checkThresholds(profile, names, project.source);
    const { scope, targets } = await prepareRequests({ project, profile, env: set });
    refuseRemote(targets);
    return { executor: 'saturate', profile, env: set, names, scope, targets, trusted };
  }
  const { journey, services, names, targets } = prepareJourney({ project, profile, cwd });
  checkThresholds(profile, names, project.source);
  refuseRemote(targets);
  return { executor: 'users', profile, env: set, names, journey, services, targets, trusted };
}
