import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { messageOf } from '../../../errors/index.ts';
import { AmqpError } from './amqp-error.ts';
import type { ClientMethod, ClientMethodName, ServerMethodName, ServerMethods, Table } from './methods.ts';

/**
 * The wire codec is amqplib's own, which encodes and decodes both directions, but which the package does not offer: its
 * `exports` hide it, and it changes between minor versions. So it is taken by file path from an exactly pinned copy
 * (the alias `amqp-wire`), never from the amqplib that anybody else uses, and only here.
 */
interface Codec {
  decode(id: number, fields: Buffer): object;
  encodeMethod(id: number, channel: number, fields: object): Buffer;
  encodeTable(target: Buffer, table: Table, offset: number): number;
  decodeFields(table: Buffer): Table;
}

const CLIENT_METHODS = {
  ConnectionStartOk: true,
  ConnectionTuneOk: true,
  ConnectionOpen: true,
  ConnectionClose: true,
  ConnectionCloseOk: true,
  ConnectionUpdateSecret: true,
  ChannelOpen: true,
  ChannelFlow: true,
  ChannelFlowOk: true,
  ChannelClose: true,
  ChannelCloseOk: true,
  ExchangeDeclare: true,
  ExchangeDelete: true,
  ExchangeBind: true,
  ExchangeUnbind: true,
  QueueDeclare: true,
  QueueBind: true,
  QueueUnbind: true,
  QueuePurge: true,
  QueueDelete: true,
  BasicQos: true,
  BasicConsume: true,
  BasicCancel: true,
  BasicCancelOk: true,
  BasicPublish: true,
  BasicGet: true,
  BasicAck: true,
  BasicReject: true,
  BasicNack: true,
  BasicRecover: true,
  BasicRecoverAsync: true,
  ConfirmSelect: true,
  TxSelect: true,
  TxCommit: true,
  TxRollback: true,
} satisfies Record<ClientMethodName, true>;

const require = createRequire(import.meta.url);
const folder = dirname(require.resolve('amqp-wire'));
const codec = readCodec();
const ids = readMethodIds();
const clientNames = new Map(
  Object.keys(CLIENT_METHODS).map((name) => [methodId(name as ClientMethodName), name as ClientMethodName]),
);

/** No table that fits into a frame needs more: a frame is at most {@link FRAME_MAX} long, and types grow at most twice. */
const TABLE_LIMIT_BYTES = 512 * 1024;
const scratch = Buffer.allocUnsafe(TABLE_LIMIT_BYTES);
const SHORT_STRING_BYTES = 255;

/** Reads the payload of a method frame. @throws AmqpError 502 when it is malformed, 540 when it is none we know */
export function decodeMethod(payload: Buffer): ClientMethod {
  if (payload.length < 4) throw AmqpError.syntax('a method frame without a method');
  const id = payload.readUInt32BE(0);
  const name = clientNames.get(id);
  if (name === undefined) throw AmqpError.notImplemented(`method ${id >>> 16},${id & 0xffff}`);
  let fields: object;
  try {
    fields = codec.decode(id, payload.subarray(4));
  } catch (error) {
    throw AmqpError.syntax(`malformed ${name}: ${messageOf(error)}`);
  }
  for (const value of Object.values(fields)) {
    if (typeof value === 'string' && Buffer.byteLength(value) > SHORT_STRING_BYTES) {
      throw AmqpError.syntax(`malformed ${name}: a short string that is not UTF-8`);
    }
  }
  return { name, fields } as ClientMethod;
}

/** A whole method frame. @throws RangeError or TypeError when a field does not fit */
export function encodeMethod<Name extends ServerMethodName>(
  name: Name,
  channel: number,
  fields: ServerMethods[Name],
): Buffer {
  return codec.encodeMethod(methodId(name), channel, fields);
}

/** A field table with its length in front. @throws RangeError above {@link TABLE_LIMIT_BYTES} */
export function encodeTable(table: Table): Buffer {
  return Buffer.from(scratch.subarray(0, codec.encodeTable(scratch, table, 0)));
}

/** Reads a field table without its length. @throws AmqpError 502 when it is malformed */
export function decodeTable(fields: Buffer): Table {
  try {
    return codec.decodeFields(fields);
  } catch (error) {
    throw AmqpError.syntax(`malformed table: ${messageOf(error)}`);
  }
}

/** Class and method number of a method, as one 32-bit number. */
export function methodId(name: ClientMethodName | ServerMethodName): number {
  const id = ids.get(name);
  if (id === undefined) throw new Error(`amqp-wire has no method ${name}: has its version changed?`);
  return id;
}

function readCodec(): Codec {
  const { decode, encodeMethod } = requireObject('lib/defs.js');
  const { encodeTable, decodeFields } = requireObject('lib/codec.js');
  const parts = { decode, encodeMethod, encodeTable, decodeFields };
  if (isCodec(parts)) return parts;
  const missing = Object.entries(parts).filter(([, part]) => typeof part !== 'function');
  const names = missing.map(([name]) => name).join(', ');
  throw new Error(`amqp-wire has no function ${names}: has its version changed?`);
}

/** What the functions take and give is not to be seen from here: the exact pin and the tests of this file stand for it. */
function isCodec(parts: Readonly<Record<keyof Codec, unknown>>): parts is Codec {
  return Object.values(parts).every((part) => typeof part === 'function');
}

function readMethodIds(): ReadonlyMap<string, number> {
  const defs = requireObject('lib/defs.js');
  return new Map(
    Object.entries(defs).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}

function requireObject(path: string): Readonly<Record<string, unknown>> {
  return require(join(folder, path));
}
