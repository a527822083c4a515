import { ShopctlError } from '../../errors/index.ts';

/** Where a broker is. Only `shown` may be printed: the others hold the password. */
export interface BrokerAddress {
  readonly url: string;
  /** Host, port and virtual host. */
  readonly shown: string;
  readonly host: string;
  readonly virtualHost: string;
  readonly user: string;
  readonly password: string;
  /** The base of RabbitMQ's management API, where it is known; may hold credentials of its own. */
  readonly managementUrl?: string;
  /** What to do when nobody answers there. */
  readonly remedy: string;
}

interface Origin {
  /** What to call the place that the URL was read from: `AMQP_URL`, `broker.url`. */
  readonly source: string;
  readonly remedy: string;
  readonly managementUrl?: string | undefined;
}

/** @throws ShopctlError `usage` for what is no AMQP URL */
export function parseAddress(text: string, { source, remedy, managementUrl }: Origin): BrokerAddress {
  const isAmqp = URL.canParse(text) && /^amqps?:\/\//.test(text) && new URL(text).hostname !== '';
  const parts = isAmqp ? decodedParts(new URL(text)) : undefined;
  if (parts === undefined) {
    throw new ShopctlError('usage', {
      message: `${source} is no AMQP address`,
      hint: 'write amqp://USER:PASSWORD@HOST:PORT, with `%2F` and the like for special characters',
    });
  }
  const { url, virtualHost, ...credentials } = parts;
  const place = `${url.hostname}:${url.port || (url.protocol === 'amqps:' ? '5671' : '5672')}`;
  return {
    url: url.href,
    shown: virtualHost === '/' ? place : `${place}, virtual host ${virtualHost}`,
    host: url.hostname,
    virtualHost,
    ...credentials,
    ...(managementUrl === undefined ? {} : { managementUrl }),
    remedy,
  };
}

/** Undefined where a part is wrongly encoded. */
function decodedParts(url: URL) {
  try {
    return {
      url,
      // As every client does it: without anything after the port it is the default one.
      virtualHost: url.pathname.length <= 1 ? '/' : decodeURIComponent(url.pathname.slice(1)),
      user: url.username === '' ? 'guest' : decodeURIComponent(url.username),
      password: url.username === '' && url.password === '' ? 'guest' : decodeURIComponent(url.password),
    };
  } catch {
    return undefined;
  }
}
