import { readStatement } from '../../database/index.ts';
import type { Probe } from '../probe-spec.ts';
import type { RawProbes } from '../raw.ts';
import type { Reading } from './reading.ts';

export function readSql({ sql }: RawProbes, reading: Reading): Probe<'sql'> | undefined {
  if (sql === undefined) return undefined;
  const { service, section, problems, database } = reading;
  const path = service.pathOf(section, 'sql');
  if (database === undefined) {
    if (typeof service.raw.database !== 'object' && typeof service.raw.database !== 'string')
      problems.at(
        path,
        `\`${service.name}\` is to be asked by SQL but has no database`,
        'say where it is: `database: data/users.db`, or a postgres:// URL',
      );
    return undefined;
  }
  const statement = readStatement(sql, database.kind);
  if (statement.ok) return { kind: 'sql', statement: statement.text, database };
  problems.at(path, `\`${service.name}\` cannot be asked so: ${statement.reason}`, statement.hint);
  return undefined;
}
