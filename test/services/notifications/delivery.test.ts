import { SMTPServer } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ask, askUntil } from '../ask.ts';
import { handClock } from '../inventory/start-inventory.ts';
import { judgeOf } from '../judge.ts';
import { startMail } from '../mail/start-mail.ts';
import { temporaryFolder } from '../start-service.ts';
import { email, startGate, startNotifications } from './start-notifications.ts';

const judge = judgeOf('notifications');
const isSent = ({ status }: Record<string, unknown>) => status === 'sent';

let mail: Awaited<ReturnType<typeof startMail>>;
let gate: Awaited<ReturnType<typeof startGate>>;
beforeEach(async () => {
  mail = await startMail();
  gate = await startGate(mail.smtpPort);
});
afterEach(async () => {
  await gate.stop();
  await mail.stop();
});

async function start(options: Parameters<typeof startNotifications>[1] = {}) {
  const notifications = await startNotifications(gate.port, options);
  onTestFinished(notifications.stop);
  return notifications;
}

describe('an e-mail', () => {
  it('is pending first, and then sent with what the template says', async () => {
    const notifications = await start();
    const created = await notifications.create(email);
    judge('POST /notifications', created);
    expect(created).toMatchObject({
      status: 202,
      body: { status: 'pending', attempts: 0, sent_at: null, provider: 'smtp' },
    });
    expect(created.headers.get('location')).toBe(`/notifications/${created.body['id']}`);
    const sent = await notifications.until(created.body['id'], isSent);
    expect(sent).toMatchObject({
      status: 'sent',
      attempts: 1,
      last_error: null,
      sent_at: expect.any(String),
    });
    const [summary] = await mail.list();
    expect(summary).toMatchObject({
      from: '"The shop" <shop@example.com>',
      to: ['alice@example.com'],
      subject: 'Your order A1',
      message_id: `<${created.body['id']}@notifications.shop>`,
    });
    expect((await mail.get(`/messages/${summary?.['id']}`)).body).toMatchObject({
      text: expect.stringContaining('your order A1 of $299.99'),
      html: expect.stringContaining('your order A1 of $299.99'),
    });
  });

  it('waits while mail is down, and arrives once when it is back', async () => {
    const clock = handClock(Date.now());
    const notifications = await start({ clock });
    gate.close();
    const { body } = await notifications.create(email);
    expect(await notifications.until(body['id'], ({ last_error }) => last_error !== null)).toMatchObject({
      status: 'pending',
      attempts: 1,
    });
    clock.forward(1_000);
    const again = await notifications.until(body['id'], ({ attempts }) => attempts === 2);
    expect(again).toMatchObject({ status: 'pending', attempts: 2 });
    gate.open();
    // The second attempt may still be on its way to fail, so its next time is not known: time goes on until it came.
    const sent = await notifications.until(body['id'], (notification) => {
      clock.forward(30_000);
      return isSent(notification);
    });
    expect(sent).toMatchObject({ status: 'sent', last_error: null });
    expect(await mail.list()).toMatchObject([{ copies: 1 }]);
  });

  it('is the same message again when nobody heard that it was taken', async () => {
    const clock = handClock(Date.now());
    const notifications = await start({ clock });
    gate.swallowAcceptance();
    const { body } = await notifications.create(email);
    await notifications.until(body['id'], ({ last_error }) => last_error !== null);
    gate.open();
    clock.forward(30_000);
    expect(await notifications.until(body['id'], isSent)).toMatchObject({ status: 'sent', attempts: 2 });
    expect(await mail.list()).toMatchObject([{ copies: 2 }]);
  });

  it('has failed when it is too old, and can be tried anew', async () => {
    const clock = handClock(Date.now());
    const notifications = await start({ clock, settings: { GIVE_UP_AFTER: '10m' } });
    gate.close();
    const { body } = await notifications.create(email);
    const retry = `${notifications.url}/notifications/${body['id']}/retry`;
    await notifications.until(body['id'], ({ last_error }) => last_error !== null);
    const tooEarly = await ask('POST', retry);
    expect(tooEarly.status).toBe(409);
    judge('POST /notifications/{id}/retry', tooEarly);
    clock.forward(10 * 60_000);
    expect(await notifications.until(body['id'], ({ status }) => status === 'failed')).toMatchObject({
      status: 'failed',
      attempts: 2,
    });
    gate.open();
    const retried = await ask('POST', retry);
    expect(retried.status).toBe(202);
    judge('POST /notifications/{id}/retry', retried);
    expect(await notifications.until(body['id'], isSent)).toMatchObject({ status: 'sent', attempts: 3 });
  });

  it('outlives a restart of the service while it is pending', async () => {
    const folder = await temporaryFolder();
    const clock = handClock(Date.now());
    gate.close();
    const before = await startNotifications(gate.port, { folder, clock });
    const { body } = await before.create(email);
    await before.until(body['id'], ({ last_error }) => last_error !== null);
    await before.stop();
    gate.open();
    clock.forward(30_000);
    const after = await start({ folder, clock });
    expect(await after.until(body['id'], isSent)).toMatchObject({ status: 'sent', attempts: 2 });
    expect(await mail.list()).toHaveLength(1);
  });

  it('is slow and fails on purpose as "SEND email"', async () => {
    const clock = handClock(Date.now());
    const notifications = await start({ clock, takesFaults: true });
    const setTo = (faults: object) => ask('PUT', `${notifications.url}/_simulate`, { body: faults });
    expect((await setTo({ routes: { 'SEND email': { failure_rate: '100%' } } })).status).toBe(200);
    const { body } = await notifications.create(email);
    expect(await notifications.until(body['id'], ({ last_error }) => last_error !== null)).toMatchObject({
      status: 'pending',
      attempts: 1,
      last_error: 'This failure is simulated; nothing was done.',
    });
    await setTo({ routes: { 'SEND email': { latency: 'constant(2s)' } } });
    clock.forward(30_000);
    expect(await notifications.until(body['id'], isSent)).toMatchObject({ status: 'sent', attempts: 2 });
    const metrics = (await ask('GET', `${notifications.url}/metrics`)).text;
    expect(metrics).toContain('simulated_delay_seconds_total{method="SEND",endpoint="email"} 2');
    expect(metrics).toContain('simulated_failures_total{method="SEND",endpoint="email"} 1');
  });
});

describe('an SMTP server that refuses', () => {
  async function startRefusing(responseCode: number) {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      disableReverseLookup: true,
      logger: false,
      onRcptTo: (_address, _session, callback) =>
        callback(Object.assign(new Error('no such mailbox'), { responseCode })),
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise<void>((resolve) => server.close(resolve)));
    const address = server.server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const notifications = await startNotifications(port ?? 0);
    onTestFinished(notifications.stop);
    const { body } = await notifications.create(email);
    return await notifications.until(body['id'], ({ last_error }) => last_error !== null);
  }

  it('for good makes it fail at once', async () => {
    expect(await startRefusing(550)).toMatchObject({
      status: 'failed',
      attempts: 1,
      last_error: expect.stringContaining('no such mailbox'),
    });
  });

  it('for now leaves it pending', async () => {
    expect(await startRefusing(450)).toMatchObject({ status: 'pending' });
  });
});

it('SMS and push messages are recorded, honestly, and no mail goes out', async () => {
  const notifications = await start();
  for (const [type, recipient] of [
    ['sms', '+491701234567'],
    ['push', 'device-token-1'],
  ]) {
    const { body } = await notifications.create({ ...email, type, recipient });
    expect(await notifications.until(body['id'], isSent)).toMatchObject({
      type,
      status: 'sent',
      provider: 'recorded',
      attempts: 1,
    });
  }
  expect(await mail.list()).toEqual([]);
});

it('one idempotency key tells one person once', async () => {
  const notifications = await start();
  const first = await notifications.create(email, 'key-1');
  const again = await notifications.create(email, 'key-1');
  expect(again.body).toEqual(first.body);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  const other = await notifications.create({ ...email, recipient: 'bob@example.com' }, 'key-1');
  expect(other).toMatchObject({ status: 422, body: { type: 'urn:shop:problem:idempotency-key-reused' } });
  judge('POST /notifications', other);
  await notifications.until(first.body['id'], isSent);
  expect(await mail.list()).toMatchObject([{ copies: 1 }]);
});

it('health names mail, and tells when it is not there', async () => {
  const notifications = await start();
  const url = `${notifications.url}/health`;
  // On a busy machine one greeting may take longer than health waits.
  const healthy = await askUntil(url, ({ body }) => body['status'] === 'healthy');
  expect(healthy.body).toMatchObject({ status: 'healthy', dependencies: { mail: 'available' } });
  gate.close();
  expect((await ask('GET', url)).body).toMatchObject({
    status: 'degraded',
    dependencies: { mail: 'unavailable' },
  });
});

it('logs no address', async () => {
  const notifications = await start();
  gate.close();
  const { body } = await notifications.create({ ...email, recipient: 'secret-person@example.com' });
  await notifications.until(body['id'], ({ last_error }) => last_error !== null);
  expect(notifications.logText()).toContain('notification not sent');
  expect(notifications.logText()).not.toContain('secret-person');
});
