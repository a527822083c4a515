import type { Probe } from '../../config/probe-spec.ts';
import { type ProbeKind, TRY_LIMIT_MS } from './kind.ts';
import type { Sight } from './sight.ts';

type LogProbe = Probe<'log'>;

/** A line of its output, from this start on, has the text or matches the pattern. A line that has not ended yet is none. */
export const log: ProbeKind<LogProbe> = {
  look: async (probe, { output, spec }): Promise<Sight> => {
    if (output?.state === 'seen') return { kind: 'answers' };
    if (output?.state !== 'given-up')
      return { kind: 'unmet', words: `has no line with ${written(probe)} since this start` };
    return {
      kind: 'unmet',
      words: `was searched for ${written(probe)}, which took longer than 250 ms on one line`,
      remedy: `write \`ready.log\` of ${spec.name} simpler: without a repetition inside another, such as (a+)+`,
      isFinal: true,
    };
  },
  subject: (_probe, { name }) => `the output of ${name}`,
  remedy: (_sight, { name }) =>
    `compare \`ready.log\` with what it wrote: \`shopctl logs ${name}\`; some programs write to a pipe only when they have much to say`,
  usualLimitMs: TRY_LIMIT_MS,
  knocks: () => false,
};

const written = (probe: LogProbe): string =>
  'text' in probe ? JSON.stringify(probe.text) : `/${probe.pattern}/${probe.ignoresCase ? 'i' : ''}`;
