import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { readEnvelope } from '../../../services/kit/bus/envelope.ts';
import { eventTypes } from '../../../services/kit/bus/topology.ts';
import { dataSchemas } from '../../../services/kit/events/data.ts';
import { eventsDocument } from '../../../services/kit/events/document.ts';
import { readEvent } from '../../../services/kit/index.ts';
import { at, complaints, document, messages, type Tree, tree } from './documented.ts';

it('is written from the schemas that the services use: `npm run schemas` would change nothing', () => {
  expect(document).toEqual(JSON.parse(JSON.stringify(eventsDocument())));
});

it('describes every type of event that can be published, and no other', () => {
  expect([...messages.keys()].sort()).toEqual([...eventTypes].sort());
  const sent = Object.values(tree(at('operations')))
    .filter((operation) => tree(operation)['action'] === 'send')
    .flatMap((operation) => refsIn(tree(operation)['messages']));
  expect(sent).toHaveLength(eventTypes.length);
});

it('refers to nothing that is not there', () => {
  const refs = [...new Set(refsIn(document))];
  expect(refs.length).toBeGreaterThan(eventTypes.length);
  expect(refs.filter((ref) => at(ref.replace('#/', '')) === undefined)).toEqual([]);
});

function refsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === '$ref' ? [String(member)] : refsIn(member),
  );
}

const draft = new Ajv2020();

describe.each(eventTypes)('%s', (type) => {
  const [example] = [at(`components/messages/${messages.get(type)}/examples`)].flat().map(tree);
  const payload = tree(example?.['payload']);
  const data = tree(payload['data']);
  const read = readEvent(type);

  it('has an example that the document, the bus and a consumer accept', () => {
    expect(complaints(type, 'payload', payload)).toEqual([]);
    const reading = readEnvelope(Buffer.from(JSON.stringify(payload)));
    expect(reading).toEqual({ envelope: payload });
    expect(read(data, type)).toEqual(data);
  });

  it('has a schema that is one by its draft, which a consumer takes for granted', () => {
    expect(draft.validateSchema(dataSchemas[type]), draft.errorsText()).toBe(true);
  });

  it('lacks nothing that the document calls required, to the bus or to a consumer', () => {
    const required = Object.values(tree(at('components/schemas/envelope/required'))).map(String);
    for (const member of required.filter((one) => one !== 'datacontenttype')) {
      const { [member]: _gone, ...rest } = payload;
      expect(complaints(type, 'payload', rest)).not.toEqual([]);
      expect(readEnvelope(Buffer.from(JSON.stringify(rest)))).toHaveProperty('complaint');
    }
    const optional = Object.keys(data).filter((member) => isAccepted(without(data, member)));
    for (const member of Object.keys(data)) {
      const isDocumented =
        complaints(type, 'payload', { ...payload, data: without(data, member) }).length === 0;
      expect(isDocumented, member).toBe(optional.includes(member));
    }
    expect(optional.length).toBeLessThan(Object.keys(data).length);
  });

  it('may get further members, which consumers ignore and a publisher has to document', () => {
    const more = { ...data, card_number: '4111' };
    expect(read(more, type)).toEqual(more);
    expect(complaints(type, 'payload', { ...payload, data: more })).toEqual([
      `${type} /data must NOT have additional properties card_number`,
    ]);
  });

  function isAccepted(value: Tree): boolean {
    try {
      read(value, type);
      return true;
    } catch {
      return false;
    }
  }
});

function without(data: Tree, member: string): Tree {
  const { [member]: _gone, ...rest } = data;
  return rest;
}

it('a type that nobody has described is complained of', () => {
  expect(complaints('order.vanished', 'payload', {})).toEqual(['order.vanished is not documented']);
});

it('a reader takes the types that it was made for, each by its own schema', () => {
  const read = readEvent('user.created', 'order.paid');
  expect(() => read({}, 'payment.failed')).toThrow('an event payment.failed is not read here');
  expect(() => read({}, 'user.created')).toThrow("must have required property 'user_id'");
  expect(() => read({}, 'order.paid')).toThrow("must have required property 'order_id'");
});
