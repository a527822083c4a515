import type { Problems } from './problems.ts';
import type { NeedCondition, RawNeed } from './raw.ts';
import { type PlacedService, suggestion } from './topology.ts';

interface Need {
  readonly service: string;
  /** Absent: ready, or of a job completed. */
  readonly condition?: NeedCondition;
}

/** A need as it is written: `users`, or `{ users: started }`. */
function readNeed(raw: RawNeed): Need {
  if (typeof raw === 'string') return { service: raw };
  const [[service, condition] = ['', 'ready' as const]] = Object.entries(raw);
  return { service, condition };
}

/** What a service waits for, as the engines take it. */
export function needsOf({ raw }: PlacedService): { needs: string[]; needsStarted?: string[] } {
  const needs = (raw.needs ?? []).map(readNeed);
  const started = needs.filter(({ condition }) => condition === 'started').map(({ service }) => service);
  return {
    needs: needs.map(({ service }) => service),
    ...(started.length === 0 ? {} : { needsStarted: started }),
  };
}

/** Reports needs that are not there, that can never be met, or that mean the service itself. */
export function checkNeeds(
  { raw, name, pathOf }: PlacedService,
  placed: readonly PlacedService[],
  problems: Problems,
): void {
  const names = placed.map((other) => other.name);
  for (const [index, { service, condition }] of (raw.needs ?? []).map(readNeed).entries()) {
    const path = [...pathOf('needs'), index];
    const needed = placed.find((other) => other.name === service);
    if (service === name) problems.at(path, `\`${name}\` needs itself`, 'remove it');
    else if (needed === undefined)
      problems.at(
        path,
        `\`${name}\` needs \`${service}\`, which is not in this topology`,
        suggestion(service, names),
      );
    else if (condition === 'completed' && needed.raw.job !== true)
      problems.at(
        path,
        `\`${name}\` waits until \`${service}\` has completed, but \`${service}\` is no job and never does`,
        `add \`job: true\` to \`${service}\`, or wait until it is ready`,
      );
    else if (condition === 'ready' && needed.raw.job === true)
      problems.at(
        path,
        `\`${name}\` waits until \`${service}\` is ready, but \`${service}\` is a job and never is`,
        `write { ${service}: completed }`,
      );
  }
}
