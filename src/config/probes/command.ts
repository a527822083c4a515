import { readCommand } from '../command.ts';
import type { Probe } from '../probe-spec.ts';
import type { RawProbes } from '../raw.ts';
import type { Reading } from './reading.ts';

export function readCommandProbe(raw: RawProbes, reading: Reading): Probe<'command'> | undefined {
  if (raw.command === undefined) return undefined;
  const { service, section, problems, fill, cwd } = reading;
  const path = service.pathOf(section, 'command');
  const command = readCommand({
    command: raw.command,
    path,
    subject: `the command in \`${section}\` of \`${service.name}\``,
    fill: (word) => fill(word, path),
    problems,
  });
  return command === undefined ? undefined : { kind: 'command', command, cwd };
}
