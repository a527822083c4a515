import type { SpanStart } from './span.ts';

// https://opentelemetry.io/docs/specs/semconv/db/database-spans/

/** Long statements are those of many rows at once, and say the same again and again. */
const longestText = 2_000;

/** A statement of a database, with placeholders for its values. */
export function statementSpan(system: 'sqlite' | 'postgresql', sql: string): SpanStart {
  const operation = /^\s*([A-Za-z]{1,20})/.exec(sql)?.[1]?.toUpperCase() ?? 'SQL';
  const table = /\b(?:from|into|update|table)\s+(?:if\s+(?:not\s+)?exists\s+)?[`"]?(\w{1,64})/i.exec(
    sql,
  )?.[1];
  const summary = table === undefined ? operation : `${operation} ${table}`;
  return {
    name: summary,
    kind: 'client',
    attributes: {
      'db.system.name': system,
      'db.operation.name': operation,
      ...(table === undefined ? {} : { 'db.collection.name': table }),
      'db.query.summary': summary,
      'db.query.text': sql.slice(0, longestText),
    },
  };
}
