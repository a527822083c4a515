import { readLogPattern } from '../log-pattern.ts';
import type { Probe } from '../probe-spec.ts';
import type { RawProbes } from '../raw.ts';
import type { Reading } from './reading.ts';

export function readLog(
  { log }: RawProbes,
  { service, section, problems }: Reading,
): Probe<'log'> | undefined {
  if (log === undefined) return undefined;
  const pattern = readLogPattern(log);
  if (!('reason' in pattern)) return { kind: 'log', ...pattern };
  problems.at(
    service.pathOf(section, 'log'),
    `\`${service.name}\` waits for no line that can be meant: ${pattern.reason}`,
    pattern.hint,
  );
  return undefined;
}
