/** Which keys of a service go together, and which do not. */
import type { Problems } from './problems.ts';
import type { PlacedService } from './topology.ts';

/** Keys that mean something only for a service that we start would be ignored beside a url. */
export function refuseKeysOfOwn({ raw, name, pathOf }: PlacedService, problems: Problems): void {
  for (const key of [
    'command',
    'port',
    'cwd',
    'env',
    'stop',
    'job',
    'restart',
    'replicas',
    'watch',
    'eager',
  ] as const) {
    if (raw[key] === undefined) continue;
    problems.at(
      pathOf(key),
      `\`${name}\` has both \`url\` and \`${key}\``,
      'keep one: what has a url is not started',
    );
  }
}

/** What is asked over the network needs somebody who listens there. */
export function checkAsked({ raw, name, pathOf }: PlacedService, problems: Problems): void {
  if (raw.job === true) checkJob({ raw, name, pathOf }, problems);
  if (raw.port !== undefined || raw.url !== undefined) return;
  if (raw.simulate !== undefined) {
    problems.at(pathOf('simulate'), `\`${name}\` takes faults at a path but has no port`, 'add `port:`');
  }
  if (raw.tls !== undefined) {
    problems.at(pathOf('tls'), `\`${name}\` has \`tls\` but no port`, 'add `port:`');
  }
}

/** A job listens nowhere and runs once. */
function checkJob(
  { raw, name, pathOf }: Pick<PlacedService, 'raw' | 'name' | 'pathOf'>,
  problems: Problems,
): void {
  if (raw.port !== undefined)
    problems.at(
      pathOf('port'),
      `\`${name}\` is a job, and a job listens nowhere`,
      'remove one of `job` and `port`',
    );
  if (raw.eager === true)
    problems.at(
      pathOf('eager'),
      `\`${name}\` is a job, and nobody tells a job to serve`,
      'remove one of `job` and `eager`',
    );
  if (raw.restart !== undefined)
    problems.at(
      pathOf('restart'),
      `\`${name}\` is a job, and a job runs once`,
      'remove one of `job` and `restart`',
    );
}

export function checkUrl(url: string, { name, pathOf, protocol }: PlacedService, problems: Problems): void {
  if (URL.canParse(url) && (protocol === 'amqp' || /^https?:/.test(url))) return;
  problems.at(
    pathOf('url'),
    `the url of \`${name}\` is no URL: ${url}`,
    'write http://HOST:PORT, with a port up to 65535',
  );
}

export function requireHttps(url: string, { name, pathOf }: PlacedService, problems: Problems): void {
  if (url.startsWith('https:')) return;
  problems.at(
    pathOf('tls'),
    `\`${name}\` has \`tls\`, but its url is ${url}`,
    'write https://, or remove `tls`',
  );
}
