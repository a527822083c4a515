import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  decodeMethod,
  decodeTable,
  encodeMethod,
  encodeTable,
  methodId,
} from '../../../../src/broker/embedded/wire/codec.ts';

const require = createRequire(import.meta.url);
const folder = dirname(require.resolve('amqp-wire'));
const defs = require(join(folder, 'lib/defs.js'));

/** The payload of a method frame as a client sends it. */
function fromClient(method: string, fields: object): Buffer {
  return defs.encodeMethod(defs[method], 1, fields).subarray(7, -1);
}

// The codec is another package's inside. These tests are what notices that it has changed.
describe('the wire codec', () => {
  it('is the version that it was built for, from a copy of its own', () => {
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const own = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'));
    expect(own.dependencies['amqp-wire']).toBe(`npm:amqplib@${version}`);
    expect(folder.endsWith('amqp-wire')).toBe(true);
  });

  it.each([
    [
      'ConnectionStartOk',
      { clientProperties: { a: 1 }, mechanism: 'PLAIN', response: Buffer.from('x'), locale: 'en' },
    ],
    ['ConnectionTuneOk', { channelMax: 5, frameMax: 4_096, heartbeat: 10 }],
    ['ConnectionOpen', { virtualHost: '/' }],
    ['ConnectionClose', { replyCode: 200, replyText: 'bye', classId: 1, methodId: 2 }],
    ['ChannelFlow', { active: true }],
    [
      'ExchangeDeclare',
      {
        exchange: 'e',
        type: 'topic',
        passive: false,
        durable: true,
        autoDelete: false,
        internal: true,
        nowait: false,
        arguments: { x: 'y' },
      },
    ],
    ['ExchangeDelete', { exchange: 'e', ifUnused: true, nowait: false }],
    ['ExchangeBind', { destination: 'd', source: 's', routingKey: 'k', nowait: true, arguments: {} }],
    ['ExchangeUnbind', { destination: 'd', source: 's', routingKey: 'k', nowait: false, arguments: {} }],
    [
      'QueueDeclare',
      {
        queue: 'q',
        passive: true,
        durable: true,
        exclusive: true,
        autoDelete: false,
        nowait: false,
        arguments: {},
      },
    ],
    ['QueueBind', { queue: 'q', exchange: 'e', routingKey: 'k', nowait: false, arguments: { a: true } }],
    ['QueueUnbind', { queue: 'q', exchange: 'e', routingKey: 'k', arguments: {} }],
    ['QueuePurge', { queue: 'q', nowait: true }],
    ['QueueDelete', { queue: 'q', ifUnused: false, ifEmpty: true, nowait: false }],
    ['BasicQos', { prefetchSize: 0, prefetchCount: 9, global: true }],
    [
      'BasicConsume',
      {
        queue: 'q',
        consumerTag: 't',
        noLocal: false,
        noAck: true,
        exclusive: false,
        nowait: false,
        arguments: {},
      },
    ],
    ['BasicCancel', { consumerTag: 't', nowait: true }],
    ['BasicPublish', { exchange: 'e', routingKey: 'k', mandatory: true, immediate: false }],
    ['BasicGet', { queue: 'q', noAck: true }],
    ['BasicAck', { deliveryTag: 2 ** 40, multiple: true }],
    ['BasicReject', { deliveryTag: 3, requeue: true }],
    ['BasicNack', { deliveryTag: 3, multiple: false, requeue: true }],
    ['BasicRecover', { requeue: true }],
    ['ConfirmSelect', { nowait: false }],
  ])('reads %s with the fields that the broker asks for', (name, fields) => {
    const decoded = decodeMethod(fromClient(name, fields));
    expect(decoded.name).toBe(name);
    expect(decoded.fields).toMatchObject(fields);
  });

  it.each([
    ['ConnectionTune', { channelMax: 1, frameMax: 2, heartbeat: 3 }],
    ['ConnectionBlocked', { reason: 'low on memory' }],
    ['QueueDeclareOk', { queue: 'q', messageCount: 1, consumerCount: 2 }],
    [
      'BasicDeliver',
      { consumerTag: 't', deliveryTag: 2 ** 40, redelivered: true, exchange: 'e', routingKey: 'k' },
    ],
    ['BasicReturn', { replyCode: 312, replyText: 'NO_ROUTE', exchange: 'e', routingKey: 'k' }],
    ['BasicNack', { deliveryTag: 1, multiple: true, requeue: false }],
  ] as const)('writes %s as a client reads it', (name, fields) => {
    const frame = encodeMethod(name, 3, fields as never);
    expect(frame.readUInt8(0)).toBe(1);
    expect(frame.readUInt16BE(1)).toBe(3);
    expect(defs.decode(methodId(name), frame.subarray(11, -1))).toEqual(fields);
  });

  it('refuses a method that it does not know with 540, and a broken one with 502', () => {
    const unknown = Buffer.from([0, 60, 0, 99]);
    expect(() => decodeMethod(unknown)).toThrow('NOT_IMPLEMENTED - method 60,99');
    expect(() => decodeMethod(Buffer.from([0]))).toThrow('SYNTAX_ERROR');
    expect(() => decodeMethod(fromClient('QueuePurge', { queue: 'q' }).subarray(0, 6))).toThrow(
      'SYNTAX_ERROR',
    );
  });

  it('refuses a name that is not UTF-8: it could not be written again', () => {
    const name = Buffer.alloc(200, 0xff);
    const payload = Buffer.concat([Buffer.from([0, 50, 0, 30, 0, 0, name.length]), name, Buffer.from([0])]);
    expect(() => decodeMethod(payload)).toThrow('SYNTAX_ERROR - malformed QueuePurge');
  });

  it('writes and reads tables larger than the buffer of the codec itself', () => {
    const table = { text: 'x'.repeat(100_000), list: [1, 'two', null, { three: 3 }] };
    expect(decodeTable(encodeTable(table).subarray(4))).toEqual(table);
    expect(() => decodeTable(Buffer.from([1, 97, 0x3f]))).toThrow('SYNTAX_ERROR - malformed table');
  });
});
