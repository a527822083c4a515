import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../../services/kit/env.ts';
import { ExitError } from '../../../services/kit/exit-error.ts';
import { countSetting, durationSetting } from '../../../services/kit/own-settings.ts';

const defaults = {
  port: 8006,
  latency: 'normal(500ms, 80ms)',
  failureRate: '3%',
  upstreams: { users: 'http://127.0.0.1:8001' },
};

function complaintsOf(variables: Record<string, string>): readonly string[] {
  try {
    readEnvironment(variables, defaults);
  } catch (error) {
    expect(error).toBeInstanceOf(ExitError);
    if (error instanceof ExitError) {
      expect(error.exitCode).toBe(2);
      return error.sentences;
    }
  }
  return [];
}

describe('the environment', () => {
  it('has a default for everything, and simulates nothing unless told to', () => {
    expect(readEnvironment({}, defaults)).toEqual({
      port: 8006,
      host: '127.0.0.1',
      dataDir: '.shopctl/data',
      simulation: undefined,
      takesFaults: false,
      seed: '1',
      ids: 'uuid',
      logLevel: 'info',
      shutdownGraceMs: 5_000,
      contractsDir: undefined,
      upstreams: { users: 'http://127.0.0.1:8001' },
      auth: undefined,
      bus: undefined,
      settings: {},
    });
  });

  it('reads where the PostgreSQL server is, and shows nobody what stands in its address', () => {
    const DATABASE_URL = 'postgresql://ann:hush@db.example:5433/mall?sslmode=require';
    const { database } = readEnvironment({ DATABASE_URL }, defaults);
    expect(database).toEqual({ url: DATABASE_URL, pool: 5, followsDataDir: false });
    const more = { DATABASE_URL, DATABASE_POOL: '9', DATABASE_FOLLOWS_DATA_DIR: 'on' };
    expect(readEnvironment(more, defaults).database).toMatchObject({ pool: 9, followsDataDir: true });
    for (const bad of [
      'mysql://ann:hush@db',
      'hush',
      'postgresql://ann:hush@db/no-dash',
      'postgresql:///hush',
    ]) {
      const [complaint = ''] = complaintsOf({ DATABASE_URL: bad });
      expect(complaint).toMatch(/^DATABASE_URL is not shown here, but must be the address of a PostgreSQL/);
      expect(complaint).not.toContain('hush');
    }
    expect(complaintsOf({ DATABASE_URL, DATABASE_POOL: '0' })).toEqual([
      'DATABASE_POOL is "0", but must be a whole number of connections from 1 to 100.',
    ]);
  });

  it('reads every setting', () => {
    const variables = {
      PORT: '0',
      HOST: '::1',
      DATA_DIR: '/data',
      SIMULATE: 'on',
      SIMULATE_ADMIN: 'on',
      LATENCY: 'uniform(20ms, 60ms)',
      LATENCY_WRITES: 'constant(90ms)',
      FAILURE_RATE: '0.5%',
      FAILURE_RATE_WRITES: '1%',
      SEED: 'abc',
      IDS: 'sequence',
      LOG_LEVEL: 'silent',
      SHUTDOWN_GRACE: '500ms',
      CONTRACTS_DIR: '/contracts',
      USERS_URL: 'http://localhost:5002/',
    };
    expect(readEnvironment(variables, defaults)).toEqual({
      port: 0,
      host: '::1',
      dataDir: '/data',
      simulation: {
        latency: { kind: 'uniform', lowMs: 20, highMs: 60 },
        failureRate: 0.005,
        writes: { latency: { kind: 'constant', ms: 90 }, failureRate: 0.01 },
      },
      takesFaults: true,
      seed: 'abc',
      ids: 'sequence',
      logLevel: 'silent',
      shutdownGraceMs: 500,
      contractsDir: '/contracts',
      upstreams: { users: 'http://localhost:5002' },
      auth: undefined,
      bus: undefined,
      settings: {},
    });
  });

  it('simulates with the defaults of the service when nothing else is said', () => {
    const { simulation } = readEnvironment({ SIMULATE: 'on' }, defaults);
    expect(simulation).toEqual({
      latency: { kind: 'normal', meanMs: 500, deviationMs: 80 },
      failureRate: 0.03,
      writes: {},
    });
  });

  it.each([
    ['PORT', '65536', 'a port number'],
    ['PORT', 'http', 'a port number'],
    ['SIMULATE', 'yes', '"on" or "off"'],
    ['LATENCY', 'normal(500)', '"normal(500ms, 80ms)"'],
    ['LATENCY', 'uniform(60ms, 20ms)', '"normal(500ms, 80ms)"'],
    ['LATENCY', 'constant(1ms, 2ms)', '"normal(500ms, 80ms)"'],
    ['FAILURE_RATE', '3', 'a percentage'],
    ['FAILURE_RATE', '101%', 'a percentage'],
    ['LATENCY_WRITES', 'slow', '"normal(500ms, 80ms)"'],
    ['FAILURE_RATE_WRITES', '1', 'a percentage'],
    ['SIMULATE_ADMIN', 'true', '"on" or "off"'],
    ['IDS', 'random', '"uuid" or "sequence"'],
    ['LOG_LEVEL', 'loud', 'one of trace'],
    ['SHUTDOWN_GRACE', '5', 'a duration'],
    ['USERS_URL', 'users:5002', 'an address'],
    ['USERS_URL', 'not an address', 'an address'],
  ])('says what is wrong with %s=%s in one sentence', (name, value, expected) => {
    const [complaint, ...more] = complaintsOf({ [name]: value });
    expect(complaint).toContain(`${name} is "${value}", but must be ${expected}`);
    expect(more).toEqual([]);
  });

  it('knows an optional service only when its address is given', () => {
    const some = { ...defaults, optionalUpstreams: ['orders', 'inventory'] };
    const { upstreams } = readEnvironment({ ORDERS_URL: 'http://localhost:5003/', INVENTORY_URL: '' }, some);
    expect(upstreams).toEqual({ ...defaults.upstreams, orders: 'http://localhost:5003' });
    expect(() => readEnvironment({ ORDERS_URL: 'orders' }, some)).toThrow('ORDERS_URL is "orders"');
  });

  it('takes durations and counts as settings of one service', () => {
    const own = {
      ...defaults,
      settings: {
        RESERVATION_TTL: durationSetting('15m'),
        FIRST_PRODUCT_ID: countSetting(1),
      },
    };
    expect(readEnvironment({ FIRST_PRODUCT_ID: '101' }, own).settings).toEqual({
      RESERVATION_TTL: '15m',
      FIRST_PRODUCT_ID: '101',
    });
    expect(() => readEnvironment({ FIRST_PRODUCT_ID: '0' }, own)).toThrow('a whole number');
    expect(() => readEnvironment({ RESERVATION_TTL: '15' }, own)).toThrow('a duration');
  });

  it('gives single routes a latency of their own', () => {
    const slowSearch = { ...defaults, routeLatencies: { 'GET /search': 'constant(200ms)' } };
    expect(readEnvironment({ SIMULATE: 'on' }, slowSearch).simulation?.routeLatencies).toEqual({
      'GET /search': { kind: 'constant', ms: 200 },
    });
  });

  it('tells all bad values at once', () => {
    expect(complaintsOf({ PORT: 'x', IDS: 'y', SIMULATE: 'z' })).toHaveLength(3);
  });
});

describe('the settings of identity and of one service alone', () => {
  const url = 'http://127.0.0.1:8002';
  const secret = 'sixteen-or-more-characters';

  it('AUTH_URL comes with SERVICE_SECRET', () => {
    const variables = { AUTH_URL: `${url}/`, SERVICE_SECRET: secret };
    expect(readEnvironment(variables, defaults).auth).toEqual({ url, secret });
    expect(readEnvironment({ SERVICE_SECRET: secret }, defaults).auth).toBeUndefined();
  });

  it.each(['', 'too short', 'blanks in the middle of it'])(
    'refuses the secret %j, and does not repeat it',
    (bad) => {
      const complaints = complaintsOf({ AUTH_URL: url, SERVICE_SECRET: bad });
      expect(complaints).toEqual([
        'SERVICE_SECRET is not shown here, but must be the secret that all services of the shop share: at least 16 characters without blanks.',
      ]);
    },
  );

  it('one service alone may have settings, with a value for when nothing is said', () => {
    const own = {
      COLOUR: { fallback: 'red', expected: 'a word', accepts: (text: string) => /^\w+$/.test(text) },
    };
    const withOwn = { ...defaults, settings: own };
    expect(readEnvironment({}, withOwn).settings).toEqual({ COLOUR: 'red' });
    expect(readEnvironment({ COLOUR: 'blue' }, withOwn).settings).toEqual({ COLOUR: 'blue' });
    expect(() => readEnvironment({ COLOUR: '!' }, withOwn)).toThrow('COLOUR is "!", but must be a word.');
  });
});

describe('the settings of events', () => {
  const url = 'amqp://user:very-secret@127.0.0.1:5672/shop';

  it('there is no broker unless AMQP_URL names one', () => {
    expect(readEnvironment({ EVENT_KEYS: 'qualified' }, defaults).bus).toBeUndefined();
    expect(readEnvironment({ AMQP_URL: url }, defaults).bus).toEqual({
      url,
      prefix: '',
      keys: 'plain',
      renamed: {},
      consumers: ['auth', 'payments', 'orders'],
      retryDelaysMs: [1_000, 2_000, 4_000, 8_000, 16_000, 32_000],
      outboxLimit: 100_000,
    });
  });

  it('reads every one', () => {
    const variables = {
      AMQP_URL: 'amqps://broker',
      EVENT_PREFIX: 'blue.',
      EVENT_KEYS: 'qualified',
      QUEUES:
        'payments.order.created=payment_service_queue, notifications.payment.processed=email_service_queue',
      EVENT_CONSUMERS: 'analytics, payments',
      RETRY_DELAYS: '250ms,1m',
      OUTBOX_LIMIT: '10',
    };
    expect(readEnvironment(variables, defaults).bus).toEqual({
      url: 'amqps://broker',
      prefix: 'blue.',
      keys: 'qualified',
      renamed: {
        'payments.order.created': 'payment_service_queue',
        'notifications.payment.processed': 'email_service_queue',
      },
      consumers: ['payments', 'analytics'],
      retryDelaysMs: [250, 60_000],
      outboxLimit: 10,
    });
  });

  it.each([
    ['EVENT_PREFIX', 'a b', 'at most 100 letters'],
    ['EVENT_KEYS', 'long', '"plain" or "qualified"'],
    ['QUEUES', 'payments.order.created', 'a list such as'],
    ['QUEUES', 'nobody=queue', 'a list such as'],
    ['QUEUES', 'payments.order.created=auth.user.created', 'a list such as'],
    ['QUEUES', 'payments.order.created=a,payments.order.created=b', 'a list such as'],
    ['EVENT_CONSUMERS', 'mail', 'a list such as "auth,orders,payments"'],
    ['EVENT_CONSUMERS', 'auth,auth', 'a list such as'],
    ['EVENT_CONSUMERS', ',', 'a list such as'],
    ['RETRY_DELAYS', '2s,1s', 'up to 10 different growing durations'],
    ['RETRY_DELAYS', '1s,soon', 'up to 10 different growing durations'],
    ['RETRY_DELAYS', '25h', 'up to 10 different growing durations'],
    ['OUTBOX_LIMIT', '0', 'a whole number'],
  ])('says what is wrong with %s=%s in one sentence', (name, value, expected) => {
    const [complaint, ...more] = complaintsOf({ AMQP_URL: url, [name]: value });
    expect(complaint).toContain(`${name} is "${value}", but must be ${expected}`);
    expect(more).toEqual([]);
  });

  it('does not repeat an address that may hold a password', () => {
    expect(complaintsOf({ AMQP_URL: 'http://user:very-secret@broker' })).toEqual([
      'AMQP_URL is not shown here, but must be an address such as "amqp://user:password@127.0.0.1:5672".',
    ]);
  });

  it('the latency of a consumer means nothing without a broker', () => {
    const slow = { ...defaults, routeLatencies: { 'CONSUME order.created': 'constant(1s)' } };
    expect(readEnvironment({ SIMULATE: 'on' }, slow).simulation?.routeLatencies).toEqual({});
    expect(readEnvironment({ SIMULATE: 'on', AMQP_URL: url }, slow).simulation?.routeLatencies).toEqual({
      'CONSUME order.created': { kind: 'constant', ms: 1_000 },
    });
  });
});
