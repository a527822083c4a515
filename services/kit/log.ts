import { type DestinationStream, destination, type Logger, pino, stdSerializers } from 'pino';
import { currentContext } from './context.ts';

export type { Logger } from 'pino';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

const secrets = [
  'password',
  'token',
  'access_token',
  'refresh_token',
  'authorization',
  'cookie',
  'card_number',
];
const STDOUT_FD = 1;
const addresses = ['email', 'user_email'];

/** JSON log lines that carry the request and trace of whoever asked, and never a secret or a full e-mail address. */
export function createLogger(
  name: string,
  level: LogLevel,
  // Node's own stream for it takes milliseconds to make.
  to: DestinationStream = destination(STDOUT_FD),
): Logger {
  const options = {
    level,
    base: { service: name },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    mixin: contextFields,
    serializers: { err: withoutData },
    redact: { paths: [...secrets, ...addresses].flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor },
  };
  return pino(options, to);
}

/** An error as pino shows it, without what PostgreSQL adds to its message: the values that it could not take. */
function withoutData(error: Error): object {
  const { detail: _detail, where: _where, ...shown } = stdSerializers.err(error);
  return shown;
}

function contextFields(): object {
  const context = currentContext();
  if (context === undefined) return {};
  return { request_id: context.requestId, trace_id: context.traceId, span_id: context.spanId };
}

function censor(value: unknown, path: string[]): string {
  const isAddress = addresses.includes(path.at(-1) ?? '') && typeof value === 'string';
  return isAddress ? maskEmail(value) : '[redacted]';
}

/** `alice@example.com` as `a***@example.com`: enough to recognise, too little to write to. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@');
  return at < 1 ? '***' : `${email.slice(0, 1)}***${email.slice(at)}`;
}
