import { Chalk, type ChalkInstance } from 'chalk';
import { formatDuration } from '../lib/duration.ts';
import { formatPlace } from '../lib/place.ts';
import type {
  LoadJourneys,
  LoadResult,
  LoadTally,
  LoadVerdict,
  MetricReading,
  ThresholdVerdict,
} from '../model/index.ts';
import { alignColumns } from './load-table.ts';

/** A load result for people: conditions, a line for each request, thresholds with what they saw, the verdict. */
export function loadPretty(result: LoadResult, color: boolean): string {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const blocks = [
    conditions(result, chalk),
    table(result, chalk),
    failures(result.total),
    result.journeys === undefined ? [] : journeyLines(result.journeys, chalk),
    result.thresholds.map((threshold) => thresholdLine(threshold, chalk)),
    result.warnings.map((warning) => `${chalk.yellow('warning:')} ${warning}`),
    [verdictLine(result, chalk)],
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function conditions(result: LoadResult, chalk: ChalkInstance): string[] {
  const { measuredMs, warmupMs, generator, host, processes } = result;
  const warmup = warmupMs === 0 ? 'no warm-up' : `${formatDuration(warmupMs)} of warm-up not counted`;
  const cpu = generator.processes.map(({ cpuShare }) => percent(cpuShare)).join(', ');
  const busy = generator.processes.length === 0 ? '' : ` using ${cpu} of a core`;
  return [
    `${chalk.bold(`load ${result.profile}`)} · ${result.model} · ${formatDuration(measuredMs)} measured, ${warmup}`,
    chalk.dim(
      `seed ${result.seed} · ${some(processes, 'generator')}${busy} · Node ${host.node.replace(/^v/, '')}, ${host.cpus} CPUs`,
    ),
  ];
}

const HEADINGS = ['request', 'count', 'rate', 'p50', 'p90', 'p99', 'max', 'errors'];

function table({ total, requests }: LoadResult, chalk: ChalkInstance): string[] {
  const rows = requests.length === 1 ? requests : [...requests, total];
  const [head = '', ...lines] = alignColumns([HEADINGS, ...rows.map(row)]);
  return [chalk.dim(head), ...lines];
}

function row(tally: LoadTally): string[] {
  const { p50, p90, p99 } = tally.latency.percentilesMs;
  const times = [p50, p90, p99, tally.latency.maxMs].map((ms) =>
    ms === undefined ? '–' : formatDuration(ms),
  );
  const errors = tally.errorRatio === undefined ? '–' : percent(tally.errorRatio);
  return [tally.name, String(tally.completed), perSecond(tally.ratePerSecond), ...times, errors];
}

/** Only there when something failed: how, and with which statuses. */
function failures({ unexpected, timeouts, connectionErrors, abandoned, statuses }: LoadTally): string[] {
  const told = Object.entries(statuses).map(([status, count]) => `${status} × ${count}`);
  return [
    ...(unexpected > 0 ? [`${some(unexpected, 'unexpected answer')} (all answers: ${told.join(', ')})`] : []),
    ...(timeouts > 0 ? [`${some(timeouts, 'request')} timed out`] : []),
    ...(connectionErrors > 0 ? [`${some(connectionErrors, 'request')} failed with the connection`] : []),
    ...(abandoned > 0 ? [`${some(abandoned, 'request')} cut off in flight`] : []),
  ];
}

/** So many failures are shown; the JSON report holds more. */
const SHOWN_FAILURES = 3;

/** How whole journeys went, where they failed and how often, and the first failures in full. */
function journeyLines(journeys: LoadJourneys, chalk: ChalkInstance): string[] {
  const { started, completed, failed, cut, endedLate, ratePerSecond, duration } = journeys;
  const times = (['p50', 'p95'] as const).flatMap((name) => {
    const ms = duration.percentilesMs[name];
    return ms === undefined ? [] : [`${name} ${formatDuration(ms)}`];
  });
  const counts = [
    `${completed} completed`,
    `${failed} failed`,
    ...(cut > 0 ? [`${cut} cut off`] : []),
    ...(endedLate > 0 ? [`${endedLate} ended after the window`] : []),
    ...[perSecond(ratePerSecond), ...times],
  ];
  return [
    `${some(started, 'journey')}: ${counts.join(' · ')}`,
    ...journeys.failures.map(({ step, cause, count }) => `  ${count} × ${step}: ${cause}`),
    ...journeys.firstFailures
      .slice(0, SHOWN_FAILURES)
      .flatMap(({ user, iteration, step, message, place }) => [
        `  first at ${chalk.cyan(formatPlace(place))} ${step} ${chalk.dim(`(user ${user}, iteration ${iteration})`)}`,
        ...message.split('\n').map((line) => `    ${line}`),
      ]),
  ];
}

function thresholdLine({ text, verdict, actual, reason }: ThresholdVerdict, chalk: ChalkInstance): string {
  const sign = { passed: chalk.green('✓'), failed: chalk.red('✗'), inconclusive: chalk.yellow('?') }[verdict];
  const values = actual
    .filter(({ value }) => value !== undefined)
    .map((reading) => `${reading.metric} was ${show(reading)}`);
  const said = [...values, ...(reason === undefined ? [] : [reason])].join(', ');
  return said === '' ? `${sign} ${text}` : `${sign} ${text}  ${chalk.dim(said)}`;
}

function show({ value = Number.NaN, unit }: MetricReading): string {
  switch (unit) {
    case 'ms':
      return formatDuration(value);
    case 'ratio':
      return percent(value);
    case 'per-second':
      return perSecond(value);
    case 'count':
      return String(value);
  }
}

const PAINT = {
  passed: 'green',
  failed: 'red',
  'target-lost': 'red',
  inconclusive: 'yellow',
  interrupted: 'yellow',
} as const satisfies Record<LoadVerdict, string>;

function verdictLine({ verdict, reason }: LoadResult, chalk: ChalkInstance): string {
  return `${chalk[PAINT[verdict]].bold(verdict)}: ${reason}`;
}

const some = (count: number, thing: string) => `${count} ${thing}${count === 1 ? '' : 's'}`;
const perSecond = (rate: number) => `${rate < 100 ? rate.toFixed(1) : rate.toFixed(0)}/s`;

/** Never `0 %` for something, never `100 %` for not quite all. */
function percent(ratio: number): string {
  const value = ratio * 100;
  if (value > 0 && value < 0.01) return '<0.01 %';
  if (value > 99.99 && value < 100) return '>99.99 %';
  return `${Number(value.toFixed(value < 1 ? 2 : 1))} %`;
}
