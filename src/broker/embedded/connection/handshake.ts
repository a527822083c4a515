import { AmqpError } from '../wire/amqp-error.ts';
import { decodeTable } from '../wire/codec.ts';
import { FRAME_MAX, FRAME_MIN } from '../wire/frames.ts';
import type { ClientMethod, ClientMethods, ServerMethodName, ServerMethods, Table } from '../wire/methods.ts';

/** Who may come in, and what is told to everybody who knocks. */
export interface Doorkeeper {
  readonly credentials: Credentials;
  /** Beside what every broker of this kind says of itself. */
  readonly properties: Table;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** What both sides have agreed upon. */
export interface Agreement {
  readonly user: string;
  readonly frameMax: number;
  readonly channelMax: number;
  /** 0 is none. */
  readonly heartbeatSeconds: number;
  readonly takesCancelNotices: boolean;
  readonly takesBlockedNotices: boolean;
  /** What the client calls itself, where it does. */
  readonly clientName: string;
}

type Send = <Name extends ServerMethodName>(name: Name, fields: ServerMethods[Name]) => void;

const HEARTBEAT_SECONDS = 60;
const CAPABILITIES = {
  publisher_confirms: true,
  exchange_exchange_bindings: true,
  'basic.nack': true,
  consumer_cancel_notify: true,
  'connection.blocked': true,
  consumer_priorities: true,
  authentication_failure_close: true,
  per_consumer_qos: true,
  direct_reply_to: true,
};
const SERVER_PROPERTIES = {
  product: 'shopctl broker',
  platform: 'Node.js',
  information: 'An embedded AMQP 0-9-1 broker for development and tests',
  capabilities: CAPABILITIES,
};

/** The talk that opens a connection: start, tune, open. Each step takes the one method that may come then. */
export class Handshake {
  readonly #credentials: Credentials;
  readonly #channels: number;
  readonly #send: Send;
  #step: (method: ClientMethod) => Agreement | undefined = (method) => this.#start(method);
  #user = '';
  #client: Table = {};
  #tuned: ClientMethods['ConnectionTuneOk'] | undefined;

  constructor({ credentials, properties }: Doorkeeper, channels: number, send: Send) {
    this.#credentials = credentials;
    this.#channels = channels;
    this.#send = send;
    const names = { mechanisms: Buffer.from('PLAIN AMQPLAIN'), locales: Buffer.from('en_US') };
    send('ConnectionStart', {
      versionMajor: 0,
      versionMinor: 9,
      serverProperties: { ...SERVER_PROPERTIES, ...properties },
      ...names,
    });
  }

  /** Returns the agreement once there is one. @throws AmqpError */
  method(method: ClientMethod): Agreement | undefined {
    return this.#step(method);
  }

  #start(method: ClientMethod): undefined {
    if (method.name !== 'ConnectionStartOk') throw outOfOrder(method);
    const { mechanism, response, clientProperties } = method.fields;
    const given = readCredentials(mechanism, response);
    const { user, password } = this.#credentials;
    if (given?.user !== user || given.password !== password) {
      throw new AmqpError(
        403,
        `Login was refused using authentication mechanism ${mechanism}.`,
        'connection',
      );
    }
    this.#user = user;
    this.#client = clientProperties;
    this.#step = (next) => this.#tune(next);
    this.#send('ConnectionTune', {
      channelMax: this.#channels,
      frameMax: FRAME_MAX,
      heartbeat: HEARTBEAT_SECONDS,
    });
  }

  #tune(method: ClientMethod): undefined {
    if (method.name !== 'ConnectionTuneOk') throw outOfOrder(method);
    const { frameMax } = method.fields;
    if (frameMax !== 0 && frameMax < FRAME_MIN) {
      throw AmqpError.notAllowed(
        `negotiated frame_max = ${frameMax} is lower than the minimum allowed value (${FRAME_MIN})`,
      );
    }
    if (frameMax > FRAME_MAX) {
      throw AmqpError.notAllowed(
        `negotiated frame_max = ${frameMax} is higher than the maximum allowed value (${FRAME_MAX})`,
      );
    }
    this.#tuned = method.fields;
    this.#step = (next) => this.#open(next);
  }

  #open(method: ClientMethod): Agreement {
    const tuned = this.#tuned;
    if (method.name !== 'ConnectionOpen' || tuned === undefined) throw outOfOrder(method);
    const { virtualHost } = method.fields;
    if (virtualHost !== '/') {
      throw AmqpError.notAllowed(`vhost '${virtualHost}' not found; this broker has only '/'`);
    }
    this.#send('ConnectionOpenOk', {});
    const capabilities = this.#client['capabilities'];
    const can = (name: string) => isTable(capabilities) && capabilities[name] === true;
    return {
      user: this.#user,
      frameMax: tuned.frameMax === 0 ? FRAME_MAX : tuned.frameMax,
      channelMax: tuned.channelMax === 0 ? this.#channels : Math.min(tuned.channelMax, this.#channels),
      heartbeatSeconds: tuned.heartbeat,
      takesCancelNotices: can('consumer_cancel_notify'),
      takesBlockedNotices: can('connection.blocked'),
      clientName: clientName(this.#client),
    };
  }
}

function readCredentials(mechanism: string, response: Buffer): Credentials | undefined {
  if (mechanism === 'PLAIN') {
    const [, user, password] = response.toString('utf8').split('\0');
    return user === undefined || password === undefined ? undefined : { user, password };
  }
  if (mechanism !== 'AMQPLAIN') return undefined;
  const { LOGIN: user, PASSWORD: password } = decodeTable(response);
  return typeof user === 'string' && typeof password === 'string' ? { user, password } : undefined;
}

const NAME_LENGTH = 100;

/** Printable, whatever the client sent. */
function clientName(client: Table): string {
  const name = client['connection_name'] ?? client['product'];
  return typeof name === 'string' ? name.replaceAll(/[\p{Cc}\s]+/gu, ' ').slice(0, NAME_LENGTH) : 'a client';
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null;
}

function outOfOrder({ name }: ClientMethod): AmqpError {
  return AmqpError.commandInvalid(`${name} before the connection is open`);
}
