import { parseAddress } from '../../broker/client/address.ts';
import { ShopctlError } from '../../errors/index.ts';
import type { Probe } from '../probe-spec.ts';
import type { RawProbes } from '../raw.ts';
import type { Reading } from './reading.ts';

export function readAmqp(raw: RawProbes, reading: Reading): Probe<'amqp'> | undefined {
  if (raw.amqp === undefined) return undefined;
  const { service, section, problems, fill } = reading;
  const { name, pathOf } = service;
  const path = pathOf(section, 'amqp');
  if (raw.amqp !== true) {
    const url = fill(raw.amqp, path);
    if (isAmqpUrl(url)) return { kind: 'amqp', url, isOwn: false };
    // The text is not repeated: it may hold a password.
    problems.at(
      path,
      `what \`${name}\` is asked at is no AMQP URL`,
      'write amqp://USER:PASSWORD@HOST:PORT, or true',
    );
    return undefined;
  }
  const url = ownBroker(reading);
  if (url !== undefined) return { kind: 'amqp', url, isOwn: service.raw.url === undefined };
  problems.at(
    path,
    `\`${name}\` has an amqp probe but no port`,
    'add `port:`, or write the URL of the broker',
  );
  return undefined;
}

/** The broker of the configuration is asked as those that services are; any other as `guest`. */
function ownBroker({ service: { raw, protocol }, amqpUrl }: Reading): string | undefined {
  if (protocol === 'amqp' && amqpUrl !== undefined && amqpUrl !== '') return amqpUrl;
  return raw.port === undefined ? undefined : `amqp://guest:guest@127.0.0.1:${raw.port}`;
}

function isAmqpUrl(text: string): boolean {
  try {
    parseAddress(text, { source: 'amqp', remedy: '' });
    return true;
  } catch (error) {
    if (error instanceof ShopctlError) return false;
    throw error;
  }
}
