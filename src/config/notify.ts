import type { Problems } from './problems.ts';
import type { PlacedService } from './topology.ts';

/** Only a process that we start, and that stays, can be given a pipe on which it says that it is ready. */
export function checkNotify({ raw, name, pathOf }: PlacedService, problems: Problems): void {
  if (raw.ready?.notify === undefined) return;
  const what =
    raw.url !== undefined
      ? 'runs elsewhere'
      : raw.job === true
        ? 'is a job: it is done when it has ended'
        : undefined;
  if (what === undefined) return;
  problems.at(pathOf('ready', 'notify'), `\`${name}\` ${what}, so it cannot notify`, 'remove `notify`');
}
