import type { Probe, StatusPattern, WrittenExpression } from '../probe-spec.ts';
import type { RawProbes } from '../raw.ts';
import type { Reading } from './reading.ts';

export function readHttp(
  { http }: RawProbes,
  { service, section, problems }: Reading,
): Probe<'http'> | undefined {
  if (http === undefined) return undefined;
  if (typeof http === 'string') return { kind: 'http', path: http };
  const { path, status, headers, body } = http;
  const placed: WrittenExpression | undefined =
    body === undefined
      ? undefined
      : { source: body, ...problems.spot(service.pathOf(section, 'http', 'body')) };
  const lowerCased = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    kind: 'http',
    path,
    ...(status === undefined ? {} : { status: listed(status) }),
    ...(headers === undefined ? {} : { headers: Object.fromEntries(lowerCased) }),
    ...(placed === undefined ? {} : { body: placed }),
  };
}

const listed = (status: StatusPattern | readonly StatusPattern[]): readonly StatusPattern[] =>
  typeof status === 'object' ? status : [status];
