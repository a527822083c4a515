import type { Knex } from 'knex';
import { currentContext } from '../context.ts';
import { openSpan, reasonCode, type Span, statementSpan, type Tracer } from '../tracing/index.ts';
import type { Dialect } from './store.ts';

interface Statement {
  __knexQueryUid?: string;
  sql: string;
}

/**
 * Notes every statement that belongs to a request or an event, those within transactions included (of the beginning and
 * the end of these knex does not tell when they are over). What the service does by itself, such as looking into an
 * outbox that is empty, would be traces of one span each, and is left out.
 */
export function watchStatements(database: Knex, dialect: Dialect, tracer: Tracer | undefined): void {
  if (tracer === undefined) return;
  const running = new Map<string, Span>();
  const end = ({ __knexQueryUid: id = '' }: Statement, error?: unknown) => {
    const span = running.get(id);
    running.delete(id);
    if (error !== undefined) span?.fail(reasonCode(error));
    span?.end();
  };
  database.on('query', ({ __knexQueryUid: id, sql }: Statement) => {
    if (id === undefined || currentContext() === undefined) return;
    running.set(
      id,
      openSpan(tracer, () => statementSpan(dialect, sql)),
    );
  });
  database.on('query-response', (_response: unknown, statement: Statement) => end(statement));
  database.on('query-error', (error: unknown, statement: Statement) => end(statement, error));
}
