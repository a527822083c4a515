import { Chalk, type ChalkInstance } from 'chalk';
import { formatDuration } from '../lib/duration.ts';
import { safeText } from '../lib/safe-text.ts';
import type { ServiceEvent, StopOutcome } from '../model/index.ts';
import { describeExit, type ServiceStatus } from '../topology/index.ts';

/** What happened, as the end of a line that begins with the service's name; undefined for what needs no line. */
export function describeEvent(event: ServiceEvent, chalk: ChalkInstance): string | undefined {
  switch (event.type) {
    case 'service-reaped':
      return chalk.yellow(
        `was still running from an earlier run that had died; stopped it (pid ${event.pid})`,
      );
    case 'service-starting':
      return chalk.dim('starting');
    case 'service-ready': {
      const where = [event.url, event.pid === undefined ? undefined : `(pid ${event.pid})`];
      const facts = where.filter((fact) => fact !== undefined).join(' ');
      const ready = `${event.adopted === true ? 'adopted, ' : ''}ready in ${formatDuration(event.tookMs)}`;
      return `${chalk.green(ready)}  ${chalk.dim(facts)}`.trimEnd();
    }
    case 'service-completed':
      return chalk.green(`completed in ${formatDuration(event.tookMs)}`);
    case 'service-failed':
      return chalk.red(event.required ? 'failed' : `failed, and is optional: ${event.message}`);
    case 'service-exited': {
      const how = describeExit(event.exit);
      if ('unknown' in event.exit) return chalk.red.bold(`ENDED by itself (${how})`);
      return chalk.red.bold(`ENDED by itself: ${how}, after ${formatDuration(event.livedMs)}`);
    }
    case 'service-unhealthy':
      return chalk.red.bold(`UNHEALTHY: it ${event.message}`);
    case 'service-healthy':
      return chalk.green('healthy again');
    case 'service-restarting':
      return chalk.yellow(`restarts in ${formatDuration(event.afterMs)}`);
    case 'service-waiting':
      return chalk.yellow(`waits for ${event.needs.join(', ')}`);
    case 'service-resumed':
      return chalk.green('answers, now that what it needs is back');
    case 'service-changed': {
      const more = event.count - event.files.length;
      return chalk.cyan(`changed: ${event.files.join(', ')}${more > 0 ? ` and ${more} more` : ''}`);
    }
    case 'service-building':
      return chalk.dim(`building: ${event.command}`);
    case 'service-built':
      return `built in ${formatDuration(event.tookMs)}`;
    case 'service-build-failed':
      return chalk.red.bold(`BUILD FAILED: it ${event.message}; what ran before goes on`);
    case 'service-watch-trouble':
      return chalk.yellow(event.message);
    case 'service-stopped':
      if (event.how === 'left-running') return describeStop(event.how, chalk);
      return `${describeStop(event.how, chalk)} ${chalk.dim(`in ${formatDuration(event.tookMs)}`)}`;
    case 'service-stopping':
    case 'log-lines':
      return undefined;
  }
}

/** `stopped`, or how it had to be made to. */
export function describeStop(how: StopOutcome, chalk: ChalkInstance): string {
  switch (how) {
    case 'already-gone':
      return 'had ended already';
    case 'terminated':
      return 'stopped';
    case 'killed':
      return chalk.yellow('killed: it did not end when asked to');
    case 'survived':
      return chalk.red.bold('STILL RUNS: not even SIGKILL ended it');
    case 'left-running':
      return 'left running: it was adopted, and whoever started it stops it';
  }
}

/** What happens to a service after all were ready. */
export function describeEnd(event: ServiceEvent, color: boolean): string | undefined {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const words =
    event.type === 'service-failed'
      ? chalk.red.bold(`FAILED: ${event.message}`)
      : describeEvent(event, chalk);
  if (!('lastLines' in event) || words === undefined) return words;
  return [words, ...event.lastLines.map((line) => `    ${safeText(line, false)}`)].join('\n');
}

/** `3 services ready`, or with those that are not. */
export function describeStart(services: readonly ServiceStatus[]): string {
  const ready = services.filter(({ state }) => state === 'ready');
  const others = services
    .filter(({ state }) => state !== 'ready')
    .map(({ name, state }) => `${name} ${state}`);
  const count = `${ready.length} ${ready.length === 1 ? 'service' : 'services'} ready`;
  return others.length === 0 ? count : `${count}, ${others.join(', ')}`;
}

/** What a stop will stop, as the end of a sentence. */
export function describeReach(services: readonly ServiceStatus[]): string {
  return services.some(({ adopted }) => adopted !== undefined)
    ? 'stops those that are not adopted'
    : 'stops them';
}
