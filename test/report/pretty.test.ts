import { describe, expect, it } from 'vitest';
import { prettyEvent } from '../../src/report/index.ts';
import { runYaml } from '../suite/run-yaml.ts';
import type { Seen } from '../suite/shop.ts';
import { aFailure, aRun, aTest } from './results.ts';

const options = { color: false, width: 100 };

const normal = (text: string) =>
  text.replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT').replace(/\d+(\.\d+)? (ms|µs|s)\b/g, 'TIME');

async function printed(yaml: string, answer: (seen: Seen) => object, files = {}): Promise<string> {
  const lines: string[] = [];
  await runYaml(yaml, { answer, files, onEvent: (event) => lines.push(prettyEvent(event, options)) });
  return normal(lines.join(''));
}

describe('prettyEvent', () => {
  it('shows a failing answer with request, response, differences and the values of false expressions', async () => {
    const yaml = `suite: Orders
tests:
  - test: an order costs what it says
    steps:
      - id: order
        post: \${shop}/orders
        headers: { authorization: Bearer s3cret-token }
        json: { items: [1, 2] }
        expect:
          status: 201
          body: { total: "5.00", items: [{ id: 1 }], state: "\${is.oneOf(['new'])}", id: "\${is.uuid()}" }
          that:
            - money(body.total) == 2 * money("2.50") && size(body.items) == 1
`;
    const answer = () => ({
      status: 200,
      headers: { date: 'never shown', 'x-request-id': 'r-1' },
      json: { total: '4.99', items: [{ id: 1 }, { id: 2 }], state: 'old', access_token: 'hush-hush' },
    });
    await expect(await printed(yaml, answer)).toMatchFileSnapshot('../golden/failing-answer.txt');
  });

  it('shows where a used file failed, and from where it was used', async () => {
    const yaml = `suite: Orders
tests:
  - test: logs in first
    before:
      - use: ../shared/login.yaml
        as: session
    steps: [{ get: "\${shop}/\${session.token}" }]
  - test: is not run yet
    skip: waits for the gateway
    steps: [{ get: "\${shop}/" }]
  - test: has rows
    cases: [{ item: 1 }]
    steps: [{ get: "\${shop}/\${case.item}" }]
`;
    const shared = 'steps:\n  - id: login\n    get: ${shop}/login\nreturns:\n  token: ${login.body.tokn}\n';
    const answer = () => ({ json: { token: 'abc', user: 'x' } });
    await expect(await printed(yaml, answer, { 'shared/login.yaml': shared })).toMatchFileSnapshot(
      '../golden/failing-use.txt',
    );
  });

  it('shows the last answer of a poll that failed, and text as it came', async () => {
    const yaml = `suite: Orders
tests:
  - test: gets confirmed
    steps:
      - get: \${shop}/orders/1
        poll: { until: status == 200, fail: status == 500 && text.contains("boom"), every: 1ms }
`;
    const answer = () => ({
      status: 500,
      text: `<html>\u001b[31mboom\n${'line\n'.repeat(40)}`,
      headers: { 'content-type': 'text/html' },
    });
    await expect(await printed(yaml, answer)).toMatchFileSnapshot('../golden/failing-poll.txt');
  });

  it('sums up with counts, time and seed, and says when it was interrupted', () => {
    const result = aRun([
      aTest(),
      aTest({ outcome: 'failed', failures: [aFailure] }),
      aTest({ outcome: 'skipped' }),
    ]);
    expect(prettyEvent({ type: 'run-finished', result }, options)).toBe(
      '\n1 passed, 1 failed, 1 skipped in 3.4 s · seed 123\n',
    );
    expect(
      prettyEvent({ type: 'run-finished', result: { ...result, interrupted: true } }, options),
    ).toContain('interrupted: 1 passed');
  });

  it('uses colours only when asked to, and cuts what is too wide for the terminal', () => {
    const body = JSON.stringify({ long: 'x'.repeat(300) });
    const exchange = {
      request: { method: 'POST', url: 'http://127.0.0.1/', headers: {}, body },
      startedAtMs: 0,
      durationMs: 1,
      failure: { kind: 'refused' as const, message: 'connection refused' },
    };
    const result = aTest({ outcome: 'failed', failures: [{ ...aFailure, exchange }] });
    const narrow = prettyEvent({ type: 'test-finished', result }, { color: false, width: 60 });
    expect(Math.max(...narrow.split('\n').map((line) => line.length))).toBeLessThanOrEqual(62);
    expect(narrow).not.toContain('\u001b');
    expect(prettyEvent({ type: 'test-finished', result }, { color: true, width: 60 })).toContain(
      '\u001b[31m',
    );
  });
});
