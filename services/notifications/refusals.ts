import { notFound, Problem } from '../kit/index.ts';
import type { Channel, Status } from './content.ts';

export function unknownTemplate(id: string): Problem {
  return notFound('template', id);
}

export function templateExists(id: string): Problem {
  return new Problem({
    status: 409,
    kind: 'template-exists',
    title: 'There is such a template already',
    detail: `There is a template with the id "${id}"; PUT changes it.`,
  });
}

export function channelWithoutContent(template: string, channel: Channel): Problem {
  return new Problem({
    status: 422,
    kind: 'template-without-channel',
    title: 'The template has nothing for this channel',
    detail: `The template "${template}" has no content for ${channel}.`,
  });
}

export function missingData(names: readonly string[]): Problem {
  return new Problem({
    status: 422,
    kind: 'template-data-missing',
    title: 'The template asks for data that is not there',
    detail: `There is no data for ${names.map((name) => `{{${name}}}`).join(', ')}.`,
    members: { missing: names },
  });
}

export function nobodyToTell(id: string): Problem {
  return new Problem({
    status: 409,
    kind: 'notification-without-recipient',
    title: 'The notification has nobody to go to',
    detail: `The notification "${id}" has no recipient; ask for another one with an address.`,
  });
}

export function notFailed(id: string, status: Status): Problem {
  return new Problem({
    status: 409,
    kind: 'notification-not-failed',
    title: 'The notification has not failed',
    detail: `The notification "${id}" is ${status}; only what has failed can be tried anew.`,
    members: { notification_status: status },
  });
}
