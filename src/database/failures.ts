import { messageOf, ShopctlError } from '../errors/index.ts';
import { formatDuration } from '../lib/duration.ts';

export const firstLine = (error: unknown): string => (messageOf(error).split('\n')[0] ?? '').slice(0, 300);

export const driverMissing = (name: 'sqlite3' | 'pg', cause: unknown) =>
  new ShopctlError('dependency-missing', {
    message: `the package "${name}", by which databases are read, cannot be loaded: ${firstLine(cause)}`,
    hint:
      name === 'sqlite3'
        ? 'run `npm install sqlite3` (without a prebuilt binary it needs a C++ compiler and Python)'
        : 'run `npm install pg`',
    cause,
  });

export const sqlInvalid = (reason: string, facts: { hint?: string; cause?: unknown } = {}) =>
  new ShopctlError('sql-invalid', { message: `the statement cannot be run: ${reason}`, ...facts });

export const sqlSlow = (timeoutMs: number, cause?: unknown) =>
  new ShopctlError('sql-slow', {
    message: `the statement took longer than ${formatDuration(timeoutMs)}, and was ended`,
    cause,
  });

export const interrupted = () => new ShopctlError('interrupted', { message: 'interrupted' });
