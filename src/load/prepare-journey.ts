import { basename, join } from 'node:path';
import { baseUrl, type Project, type UsersProfile } from '../config/index.ts';
import { ShopctlError } from '../errors/index.ts';
import { compileJourney, type Journey } from '../suite/index.ts';
import type { Target } from './targets.ts';

export interface JourneyPlan {
  readonly project: Project;
  readonly profile: UsersProfile;
  readonly cwd: string;
}

interface PreparedSteps {
  readonly journey: Journey;
  readonly services: Readonly<Record<string, string>>;
  readonly names: readonly string[];
  readonly targets: readonly Target[];
}

/**
 * Reads the steps of a journey.
 *
 * @throws ShopctlError `config-invalid` with the place of everything that is wrong, also in files that it uses
 */
export function prepareJourney({ project, profile, cwd }: JourneyPlan): PreparedSteps {
  const { name, journey: steps, always } = profile;
  const services = Object.fromEntries(
    project.services.flatMap((service) => {
      const url = baseUrl(service);
      return url === undefined ? [] : [[service.name, url]];
    }),
  );
  const { journey, problems } = compileJourney({
    ...{ name, journey: steps, always, cwd, document: project.source, path: ['load', name] },
    file: join(project.root, basename(project.source.file)),
    names: ['user', 'iteration'],
    services: Object.keys(services),
  });
  if (problems.length > 0) {
    throw new ShopctlError('config-invalid', {
      message: `the load profile \`${name}\` has steps that cannot be run`,
      problems,
    });
  }
  return {
    ...{ journey, services },
    names: [...new Set(journey.sends.map((request) => request.name))],
    targets: targetsOf(journey, services),
  };
}

/** Where requests go whose URL begins with a service, or stands there in full; the others are looked at when sent. */
function targetsOf({ sends }: Journey, services: Readonly<Record<string, string>>): Target[] {
  const byVariable = new Map(
    Object.entries(services).map(([name, url]) => [`\${${name.replace(/\W/g, '_')}}`, url]),
  );
  return sends.flatMap(({ name, url }) => {
    const base = byVariable.get(/^\$\{\w+\}/.exec(url)?.[0] ?? '') ?? url.replace(/\$\{.*$/s, '');
    if (!URL.canParse(base)) return [];
    const { origin, hostname, port, protocol } = new URL(base);
    if (hostname === '' || !/^https?:$/.test(protocol)) return [];
    const usual = protocol === 'https:' ? 443 : 80;
    const bare = hostname.replace(/^\[(.*)\]$/, '$1');
    return [{ request: name, wire: { origin, hostname: bare, port: port === '' ? usual : Number(port) } }];
  });
}
