import type { ProcessIdentity } from './process-table.ts';

/**
 * The environment variable that tells of which service of which run a process is, whatever group and session it has
 * moved to. Words, one for each run around it: a service may use shopctl itself.
 */
const RUN_MARK = 'SHOPCTL_RUN';

let runs = 0;

/** A name for a run of this process that no other run has had or will have. */
export function nameRun({ pid, startTime }: ProcessIdentity): string {
  runs += 1;
  return `${pid}-${startTime}-${runs}`;
}

/** What a service of that run gets into its environment. */
export function markedEnvironment(run: string, outer: NodeJS.ProcessEnv): Record<string, string> {
  const around = outer[RUN_MARK];
  return { [RUN_MARK]: around === undefined ? run : `${around} ${run}` };
}

/** Whether an environment, as `NAME=value` texts, bears the mark of that run. */
export function bearsMark(environment: readonly string[], run: string): boolean {
  const marked = environment.find((text) => text.startsWith(`${RUN_MARK}=`));
  return (
    marked
      ?.slice(RUN_MARK.length + 1)
      .split(' ')
      .includes(run) === true
  );
}
