import { InvalidArgumentError } from 'commander';
import { messageOf } from '../errors/index.ts';
import { LOG_LEVELS, type LogLevel } from '../lib/log-levels.ts';

/** @throws InvalidArgumentError naming the levels there are */
export function logLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((one) => one === text.toLowerCase());
  if (level !== undefined) return level;
  throw new InvalidArgumentError(`It must be one of ${LOG_LEVELS.join(', ')}.`);
}

/**
 * TEXT in small letters is found in any case, TEXT with a capital exactly; /regex/ as it is written, with flags behind it.
 * @throws InvalidArgumentError for a pattern that is none
 */
export function logPattern(text: string): RegExp {
  if (text === '') throw new InvalidArgumentError('It must not be empty.');
  const [, source, flags = ''] = /^\/(.+)\/([a-z]*)$/s.exec(text) ?? [];
  if (source === undefined) {
    const isCased = text !== text.toLowerCase();
    return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), isCased ? '' : 'i');
  }
  if (!/^[ims]*$/.test(flags)) throw new InvalidArgumentError('Flags of /regex/ are i, m and s.');
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw new InvalidArgumentError(`${messageOf(error)}.`);
  }
}
