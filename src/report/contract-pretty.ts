import { Chalk, type ChalkInstance } from 'chalk';
import { formatDuration } from '../lib/duration.ts';
import type {
  ContractCheck,
  ContractCoverage,
  ContractResult,
  Finding,
  SkippedCall,
} from '../model/index.ts';
import { exchangeLines } from './contract-exchange.ts';
import { printable } from './pretty/style.ts';

/** A verification as a person reads it: operations by service, what is wrong and where, coverage, one summary line. */
export function contractPretty(result: ContractResult, { color }: { readonly color: boolean }): string {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const failed = result.checks.filter(({ verdict }) => verdict === 'failed');
  const lines = [
    ...operationLines(result.checks, chalk),
    ...failed.flatMap((check) => ['', ...failureLines(check, chalk)]),
    ...warningLines(result.warnings, chalk),
    '',
    ...skippedLines(result.skipped),
    coverageLine(result.coverage),
    summaryLine(result, failed.length, chalk),
  ];
  return `${lines.join('\n')}\n`;
}

function operationLines(checks: readonly ContractCheck[], chalk: ChalkInstance): string[] {
  const byService = groupBy(checks, ({ service }) => service);
  return [...byService].flatMap(([service, ofService], index) => [
    ...(index === 0 ? [] : ['']),
    chalk.bold(service),
    ...[...groupBy(ofService, groupOf)].map(([title, ofOperation]) => {
      const isPassed = ofOperation.every(({ verdict }) => verdict === 'passed');
      const answers = ofOperation.flatMap((check) => answerOf(check, chalk)).join(', ');
      return `  ${mark(isPassed, chalk)} ${title}${answers === '' ? '' : `: ${answers}`}`;
    }),
  ]);
}

function groupOf({ name, call }: ContractCheck): string {
  return call === undefined
    ? `${name} of the document fit their schemas`
    : `${call.method} ${call.path} ${call.operation}`;
}

function answerOf({ call, verdict }: ContractCheck, chalk: ChalkInstance): string[] {
  if (call === undefined) return [];
  const status = call.exchange?.response?.status ?? 'no answer';
  const text = `${call.example} ${status}`;
  return [verdict === 'passed' ? text : chalk.red(text)];
}

function failureLines({ service, name, call, findings }: ContractCheck, chalk: ChalkInstance): string[] {
  const title =
    call === undefined ? `${service} ${name}` : `${service}#${name} ${chalk.dim(call.method)} ${call.path}`;
  const shown = call?.exchange === undefined ? [] : exchangeLines(call.exchange).map((line) => `    ${line}`);
  return [
    `${mark(false, chalk)} ${chalk.bold(title)}`,
    ...findings.map((one) => findingLine(one, chalk)),
    ...shown,
  ];
}

function findingLine({ rule, message, subject, pointer }: Finding, chalk: ChalkInstance): string {
  const where = [subject, pointer].filter((part) => part !== undefined && part !== '').join(' ');
  return `    ${chalk.cyan(where)}${where === '' ? '' : ' '}${printable(message)} ${chalk.dim(`[${rule}]`)}`;
}

function warningLines(warnings: readonly Finding[], chalk: ChalkInstance): string[] {
  if (warnings.length === 0) return [];
  return [
    '',
    ...warnings.map((warning) => `${chalk.yellow('warning')}${findingLine(warning, chalk).slice(3)}`),
  ];
}

/** `skipped   needs auth: users#logIn known, users#getProfile own` */
function skippedLines(skipped: readonly SkippedCall[]): string[] {
  return [...groupBy(skipped, ({ needs }) => needs.join(', '))].map(([needs, calls]) => {
    const names = calls.map(({ service, operation, example }) => `${service}#${operation} ${example}`);
    return `skipped   needs ${needs}, not in this topology: ${names.join(', ')}`;
  });
}

function coverageLine({
  operations,
  operationsSeen,
  statusesSeen,
  statusesDocumented,
}: ContractCoverage): string {
  return `coverage  ${operationsSeen} of ${operations.length} operations, ${statusesSeen} of ${statusesDocumented} statuses`;
}

function summaryLine(result: ContractResult, failed: number, chalk: ChalkInstance): string {
  const passed = result.checks.length - failed;
  const skipped = result.skipped.length === 0 ? [] : [`${result.skipped.length} skipped`];
  const counts = [
    `${passed} passed`,
    ...(failed === 0 ? [] : [chalk.red(`${failed} failed`)]),
    ...skipped,
  ].join(', ');
  return `contract  ${counts} in ${formatDuration(result.durationMs)}`;
}

const mark = (isPassed: boolean, chalk: ChalkInstance) => (isPassed ? chalk.green('✓') : chalk.red('✗'));

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}
