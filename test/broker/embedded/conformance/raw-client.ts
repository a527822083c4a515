import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';

/** A client that does only what a test tells it to: for what no client library lets happen. */
export interface RawClient {
  /** Sends one method. */
  send(method: string, channel: number, fields?: object): void;
  write(bytes: Buffer): void;
  /** The next frame that is no heartbeat; `closed` when there is none because the server has hung up. */
  next(): Promise<Received>;
  /** Skips whatever comes before such a method. */
  nextOf(method: string): Promise<Received>;
  /** Heartbeats received so far. */
  readonly heartbeats: number;
  /** Bytes of a frame that has not come to its end. */
  readonly restBytes: number;
  readonly isClosed: boolean;
  /** Leaves what comes unread. */
  pause(): void;
  resume(): void;
  destroy(): void;
}

export interface Received {
  readonly method: string;
  readonly channel: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

const require = createRequire(import.meta.url);
const folder = dirname(require.resolve('amqp-wire'));
const defs = require(join(folder, 'lib/defs.js'));
const CLOSED: Received = { method: 'closed', channel: 0, fields: {} };
export const GREETING = Buffer.from('AMQP\0\0\x09\x01', 'latin1');

function read(type: number, channel: number, payload: Buffer): Received {
  if (type !== 1) return { method: type === 2 ? 'header' : 'body', channel, fields: { payload } };
  const id = payload.readUInt32BE(0);
  return { method: defs.info(id).name, channel, fields: defs.decode(id, payload.subarray(4)) };
}

/** Connects without a word. */
export async function rawClient(url: string): Promise<RawClient> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port || 5672), hostname);
  let buffered = Buffer.alloc(0);
  let heartbeats = 0;
  const received: Received[] = [];
  const waiting: ((frame: Received) => void)[] = [];
  const deliver = (frame: Received) => {
    const waiter = waiting.shift();
    if (waiter === undefined) received.push(frame);
    else waiter(frame);
  };
  socket.on('data', (chunk) => {
    buffered = Buffer.concat([buffered, chunk]);
    if (buffered.subarray(0, 4).toString() === 'AMQP') {
      deliver({ method: 'AMQP', channel: 0, fields: { header: buffered.subarray(0, 8) } });
      buffered = buffered.subarray(8);
    }
    while (buffered.length >= 7 && buffered.length >= 8 + buffered.readUInt32BE(3)) {
      const size = buffered.readUInt32BE(3);
      const [type, channel] = [buffered.readUInt8(0), buffered.readUInt16BE(1)];
      const payload = buffered.subarray(7, 7 + size);
      buffered = buffered.subarray(8 + size);
      if (type === 8) heartbeats += 1;
      else deliver(read(type, channel, payload));
    }
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    for (const waiter of waiting.splice(0)) waiter(CLOSED);
    received.push(CLOSED);
  });
  const client: RawClient = {
    send: (method, channel, fields = {}) => {
      socket.write(defs.encodeMethod(defs[method], channel, fields));
    },
    write: (bytes) => {
      socket.write(bytes);
    },
    next: () => {
      const [first] = received;
      if (first === undefined) return new Promise((resolve) => waiting.push(resolve));
      if (first !== CLOSED) received.shift();
      return Promise.resolve(first);
    },
    nextOf: async (method) => {
      for (;;) {
        const frame = await client.next();
        if (frame.method === method || frame === CLOSED) return frame;
      }
    },
    get heartbeats() {
      return heartbeats;
    },
    get restBytes() {
      return buffered.length;
    },
    get isClosed() {
      return socket.destroyed;
    },
    pause: () => {
      socket.pause();
    },
    resume: () => {
      socket.resume();
    },
    destroy: () => {
      socket.destroy();
    },
  };
  return client;
}

export interface LoginOptions {
  readonly password?: string;
  readonly vhost?: string;
  readonly frameMax?: number;
  readonly heartbeat?: number;
  readonly capabilities?: object;
}

/** Connects and opens the connection, as far as the server lets it. */
export async function login(url: string, options: LoginOptions = {}): Promise<RawClient> {
  const { password = 'guest', vhost = '/', frameMax = 131_072, heartbeat = 0 } = options;
  const capabilities = options.capabilities ?? {
    authentication_failure_close: true,
    'connection.blocked': true,
  };
  const client = await rawClient(url);
  client.write(GREETING);
  await client.nextOf('ConnectionStart');
  client.send('ConnectionStartOk', 0, {
    clientProperties: { capabilities },
    mechanism: 'PLAIN',
    response: Buffer.from(`\0guest\0${password}`),
    locale: 'en_US',
  });
  if (password !== 'guest') return client;
  await client.nextOf('ConnectionTune');
  client.send('ConnectionTuneOk', 0, { channelMax: 2_047, frameMax, heartbeat });
  client.send('ConnectionOpen', 0, { virtualHost: vhost });
  return client;
}

/** A connection that is open, and channel 1 on it. */
export async function onChannel(url: string, options: LoginOptions = {}): Promise<RawClient> {
  const client = await login(url, options);
  await client.nextOf('ConnectionOpenOk');
  client.send('ChannelOpen', 1);
  await client.nextOf('ChannelOpenOk');
  return client;
}

/** A frame, however wrong. */
export function frame(type: number, channel: number, payload: Buffer, end = 0xce): Buffer {
  const head = Buffer.alloc(7);
  head.writeUInt8(type);
  head.writeUInt16BE(channel, 1);
  head.writeUInt32BE(payload.length, 3);
  return Buffer.concat([head, payload, Buffer.from([end])]);
}

/** The payload of a content header without properties. */
export function contentHeader(bodyBytes: number): Buffer {
  const payload = Buffer.alloc(14);
  payload.writeUInt16BE(60);
  payload.writeBigUInt64BE(BigInt(bodyBytes), 4);
  return payload;
}
