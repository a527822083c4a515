import * as conventions from '@opentelemetry/semantic-conventions/incubating';
import { describe, expect, it } from 'vitest';
import { notFound, unavailable } from '../../../../services/kit/problem.ts';
import {
  createSpan,
  processSpan,
  questionSpan,
  reasonCode,
  requestSpan,
  sendSpan,
  statementSpan,
} from '../../../../services/kit/tracing/index.ts';

const known = new Set<unknown>(Object.values(conventions));
const address = { exchange: 'order.events', key: 'order.created' };
const event = { type: 'order.created', id: '0198-abc' };

describe('spans', () => {
  it('tell what they tell by names of the semantic conventions', () => {
    const spans = [
      requestSpan({ method: 'GET', path: '/orders/1' }),
      questionSpan({ peer: 'users', method: 'GET', baseUrl: 'http://127.0.0.1:1', path: '/', resends: 1 }),
      createSpan(address, event),
      sendSpan(address, event),
      processSpan('payments.order.created', event),
      statementSpan('sqlite', 'select * from `orders`'),
    ];
    const names = spans.flatMap(({ attributes }) => Object.keys(attributes));
    expect(names).toContain('http.request.method');
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  it('of requests show of a path what the log shows', () => {
    expect(requestSpan({ method: 'GET', path: '/users/alice@example.com/x' }).attributes['url.path']).toBe(
      '/users/[redacted]/x',
    );
  });

  it('of requests say whether they came over TLS', () => {
    const request = { method: 'GET', path: '/' };
    expect(requestSpan({ ...request, socket: {} }).attributes['url.scheme']).toBe('http');
    expect(requestSpan({ ...request, socket: { encrypted: true } }).attributes['url.scheme']).toBe('https');
  });

  it('of a method that nobody knows have a name that all of them share', () => {
    const { name, attributes } = requestSpan({ method: 'M-SEARCH', path: '/' });
    expect({ name, method: attributes['http.request.method'] }).toEqual({ name: 'HTTP', method: '_OTHER' });
  });

  it.each([
    ['http://127.0.0.1:8001', '/users?email=a@b.c', 'http://127.0.0.1:8001/users', 8_001],
    ['https://shop.example', '/x', 'https://shop.example/x', 443],
    ['http://shop.example/base/', '/a@b.c', 'http://shop.example/base/[redacted]', 80],
    ['http://me:secret@shop.example', '/x', 'http://shop.example/x', 80],
  ])('of questions to %s%s show %s', (baseUrl, path, shown, port) => {
    const { name, attributes } = questionSpan({ peer: 'users', method: 'GET', baseUrl, path });
    expect(name).toBe('GET');
    expect(attributes).toMatchObject({
      'url.full': shown,
      'server.port': port,
      'server.service.name': 'users',
    });
    expect(attributes).not.toHaveProperty(['http.request.resend_count']);
  });

  it('of events are called after where they go and where they are heard', () => {
    expect(createSpan(address, event)).toMatchObject({
      name: 'create order.events:order.created',
      kind: 'producer',
    });
    expect(sendSpan(address, event)).toMatchObject({
      name: 'send order.events:order.created',
      kind: 'client',
    });
    expect(processSpan('q', event)).toMatchObject({ name: 'process q', kind: 'consumer' });
  });

  it('do not repeat ids that may be anything, nor what cannot be read', () => {
    const odd = processSpan('q', { ...event, id: 'alice@example.com' }).attributes;
    expect(odd).not.toHaveProperty(['messaging.message.id']);
    expect(processSpan('q', undefined).attributes).not.toHaveProperty(['cloudevents.event_type']);
  });

  it.each([
    ['select * from `orders` where `id` = ?', 'SELECT orders', 'orders'],
    ['insert into "outbox" ("id") values ($1)', 'INSERT outbox', 'outbox'],
    ['update `stock` set `available` = ?', 'UPDATE stock', 'stock'],
    ['delete from `outbox` where `seq` in (?, ?)', 'DELETE outbox', 'outbox'],
    ['create table if not exists `orders` (`id` text)', 'CREATE orders', 'orders'],
    ['BEGIN;', 'BEGIN', undefined],
    ['  (select 1)', 'SQL', undefined],
  ])('of the statement "%s" are called "%s"', (sql, name, table) => {
    const span = statementSpan('postgresql', sql);
    expect(span.name).toBe(name);
    expect(span.attributes).toMatchObject({ 'db.system.name': 'postgresql', 'db.query.text': sql });
    expect(span.attributes['db.collection.name']).toBe(table);
  });

  it('keep of a long statement its beginning', () => {
    const { attributes } = statementSpan('sqlite', `select ${'?, '.repeat(5_000)}`);
    expect(String(attributes['db.query.text'])).toHaveLength(2_000);
  });
});

describe('the reason of a failure', () => {
  it.each([
    [unavailable('upstream-unavailable', 'alice@example.com'), 'upstream-unavailable'],
    [notFound('user', '7'), 'unknown-user'],
    [Object.assign(new Error('secret'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    [Object.assign(new Error('secret'), { code: '40001' }), '40001'],
    [Object.assign(new Error('secret'), { code: 'a secret' }), 'Error'],
    [new TypeError('secret'), 'TypeError'],
    ['secret', 'unknown'],
  ])('of %s is %s, and never its message', (error, code) => {
    expect(reasonCode(error)).toBe(code);
  });
});
