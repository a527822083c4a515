import { expect, it } from 'vitest';
import { maxEnvelopeBytes, readEnvelope } from '../../../../services/kit/bus/envelope.ts';

const valid = {
  specversion: '1.0',
  id: 'e-1',
  type: 'order.created',
  source: '/orders',
  time: '2026-01-02T03:04:05.678Z',
  subject: '42',
  datacontenttype: 'application/json',
  data: { total: '299.99' },
};

const read = (value: unknown) => readEnvelope(Buffer.from(JSON.stringify(value)));

it('an envelope is read, and what others added to it is left out', () => {
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  expect(read({ ...valid, traceparent, colour: 'red' })).toEqual({ envelope: { ...valid, traceparent } });
  const { datacontenttype, ...without } = valid;
  expect(read(without)).toEqual({ envelope: { ...valid, datacontenttype } });
});

it.each([
  ['specversion', '0.3', 'must be "1.0"'],
  ['id', '', 'must be a text'],
  ['id', 'x'.repeat(201), 'must be a text'],
  ['type', 'OrderCreated', 'must be words joined by "."'],
  ['type', 'order', 'must be words joined by "."'],
  ['source', 7, 'must be a URI reference'],
  ['time', 'yesterday', 'must be an RFC 3339 time'],
  ['subject', undefined, 'must be a text'],
  ['datacontenttype', 'text/plain', 'must be "application/json"'],
  ['data', undefined, 'is missing'],
])('says what is wrong with "%s" %j', (member, value, complaint) => {
  const reading = read({ ...valid, [member]: value });
  expect(reading).toEqual({ complaint: expect.stringContaining(`"${member}" ${complaint}`) });
});

it.each([
  ['nothing', Buffer.alloc(0)],
  ['a list', Buffer.from('[]')],
  ['half of an object', Buffer.from('{"specversion":"1.0"')],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
])('%s is no envelope', (_title, bytes) => {
  expect(readEnvelope(bytes)).toEqual({ complaint: 'The message is not a JSON object.' });
});

it('a message that is too large is not even parsed', () => {
  expect(readEnvelope(Buffer.alloc(maxEnvelopeBytes + 1, 'x'))).toEqual({
    complaint: 'The message has 256001 bytes; 256000 are allowed.',
  });
});
