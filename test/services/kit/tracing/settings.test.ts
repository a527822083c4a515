import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../../../services/kit/env.ts';
import { ExitError } from '../../../../services/kit/exit-error.ts';

const defaults = { port: 8001, latency: 'constant(0ms)', failureRate: '0%', upstreams: {} };
const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
const tracing = (variables: Record<string, string>) => readEnvironment(variables, defaults).tracing;

describe('the settings of traces', () => {
  it.each([
    {},
    { OTEL_TRACES_SAMPLER: 'nonsense' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
    { ...endpoint, OTEL_SDK_DISABLED: 'true' },
    { ...endpoint, OTEL_SDK_DISABLED: 'TRUE', OTEL_TRACES_SAMPLER: 'nonsense' },
    { ...endpoint, OTEL_TRACES_EXPORTER: 'none' },
  ])('are none for %o', (variables) => {
    expect(tracing(variables)).toBeUndefined();
  });

  it('are those that OpenTelemetry names, where only an endpoint is set', () => {
    expect(tracing(endpoint)).toEqual({
      url: 'http://127.0.0.1:4318/v1/traces',
      headers: {},
      timeoutMs: 10_000,
      serviceName: undefined,
      resource: {},
      sampler: 'parentbased_always_on',
      ratio: 1,
      delayMs: 5_000,
      queueSize: 2_048,
    });
  });

  it.each([
    [{ OTLP_ENDPOINT: 'http://collector:4318/' }, 'http://collector:4318/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://a/otlp/' }, 'https://a/otlp/v1/traces'],
    [{ ...endpoint, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://b:1/as/it/is' }, 'http://b:1/as/it/is'],
  ])('lead to the address of %o', (variables, url) => {
    expect(tracing(variables)?.url).toBe(url);
  });

  it('take all that is set, that of traces before that of everything', () => {
    const given = {
      ...endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=general',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'api-key=a%20b%3D, x-team = shop ,',
      OTEL_EXPORTER_OTLP_TIMEOUT: '1500',
      OTEL_SERVICE_NAME: 'my-orders',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,note=one%2Ctwo=three',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_BSP_MAX_QUEUE_SIZE: '10',
    };
    expect(tracing(given)).toEqual({
      url: 'http://127.0.0.1:4318/v1/traces',
      headers: { 'api-key': 'a b=', 'x-team': 'shop' },
      timeoutMs: 1_500,
      serviceName: 'my-orders',
      resource: { 'deployment.environment.name': 'test', note: 'one,two=three' },
      sampler: 'parentbased_traceidratio',
      ratio: 0.25,
      delayMs: 100,
      queueSize: 10,
    });
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', 'an OTLP/HTTP receiver'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'grpc://127.0.0.1:4317', 'an OTLP/HTTP receiver'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'nonsense', 'an OTLP/HTTP receiver'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', '"http/json"'],
    ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'http/protobuf', '"http/json"'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'api-key', 'a list such as'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'api key=abc', 'a list such as'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'api-key=%0D%0Ax', 'a list such as'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '10s', 'milliseconds'],
    ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', '600001', 'milliseconds'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'a=%zz', 'a list such as'],
    ['OTEL_RESOURCE_ATTRIBUTES', '=b', 'a list such as'],
    ['OTEL_TRACES_SAMPLER', 'sometimes', 'one of always_on'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'a number from 0 to 1'],
    ['OTEL_TRACES_EXPORTER', 'console', '"otlp" or "none"'],
    ['OTEL_SDK_DISABLED', 'yes', '"true" or "false"'],
    ['OTEL_BSP_SCHEDULE_DELAY', '0', 'milliseconds'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '1e9', 'spans'],
  ])('refuse %s=%s', (name, value, expected) => {
    const attempt = () => tracing({ ...endpoint, [name]: value });
    expect(attempt).toThrow(ExitError);
    expect(attempt).toThrow(expected);
    expect(attempt).toThrow(new RegExp(`^${name} is `));
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_HEADERS', 'hunter2'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'ftp://user:hunter2@host'],
  ])('do not repeat %s, which may hold a secret', (name, value) => {
    expect(() => tracing({ ...endpoint, [name]: value })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });
});
