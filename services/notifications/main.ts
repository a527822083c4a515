import { durationSetting, runService } from '../kit/index.ts';
import { createNotificationsApp } from './app.ts';
import { readToldEvents, toldEvents } from './told-events.ts';

void runService({
  name: 'notifications',
  defaults: {
    port: 8008,
    latency: 'constant(0ms)',
    failureRate: '0%',
    upstreams: {},
    routeLatencies: { 'SEND email': 'constant(2s)' },
    settings: {
      SMTP_URL: {
        fallback: 'smtp://127.0.0.1:1025',
        expected: 'the address of an SMTP server such as "smtp://127.0.0.1:1025"',
        accepts: isSmtpAddress,
        // It may hold a password.
        isSecret: true,
      },
      MAIL_FROM: {
        fallback: 'The shop <shop@example.com>',
        expected: 'a sender such as "The shop <shop@example.com>"',
        accepts: (text) => /^[^<>,;\p{Cc}]{0,100}<[^\s@<>,;]{1,64}@[^\s@<>,;]{1,190}>$/u.test(text),
      },
      STORAGE: {
        fallback: 'file',
        expected: '"file" or "memory"',
        accepts: (text) => ['file', 'memory'].includes(text),
      },
      GIVE_UP_AFTER: durationSetting('1440m'),
      NOTIFY_ON: {
        fallback: toldEvents.join(','),
        expected: `a list of different events among ${toldEvents.join(', ')}`,
        accepts: (text) => readToldEvents(text) !== undefined,
      },
    },
  },
  create: createNotificationsApp,
});

function isSmtpAddress(text: string): boolean {
  return URL.canParse(text) && ['smtp:', 'smtps:'].includes(new URL(text).protocol);
}
