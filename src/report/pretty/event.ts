import { formatDuration } from '../../lib/duration.ts';
import type { RunEvent, SuiteRunResult, TestResult } from '../../model/index.ts';
import { failureText } from './failure.ts';
import { indent, type PrettyOptions, type Style, styleOf } from './style.ts';

export type { PrettyOptions } from './style.ts';

/** What a person sees of an event, as whole lines; may be empty. */
export function prettyEvent(event: RunEvent, options: PrettyOptions): string {
  const style = styleOf(options);
  switch (event.type) {
    case 'run-started':
      return '';
    case 'test-finished':
      return testText(event.result, style);
    case 'run-finished':
      return summaryText(event.result, style);
  }
}

function testText(test: TestResult, style: Style): string {
  const { chalk } = style;
  const row = test.case === undefined ? '' : ` ${chalk.dim(`[${test.case}]`)}`;
  const title = `${chalk.dim(`${test.suite} ›`)} ${test.test}${row}`;
  const took = chalk.dim(`(${formatDuration(test.durationMs)})`);
  switch (test.outcome) {
    case 'passed':
      return `${chalk.green('✓')} ${title} ${took}\n`;
    case 'skipped':
      return `${chalk.yellow('-')} ${title} ${chalk.dim(`skipped: ${test.skipped ?? ''}`)}\n`;
    case 'failed':
      return `${chalk.red('✗')} ${title} ${took}\n${test.failures.map((failure) => failureBlock(failure, style)).join('')}\n`;
  }
}

function failureBlock(failure: TestResult['failures'][number], style: Style): string {
  const inner = { ...style, width: style.width - 4 };
  return `\n${indent(failureText(failure, inner).trimEnd().split('\n'), '    ').join('\n')}\n`;
}

function summaryText({ counts, durationMs, seed, interrupted }: SuiteRunResult, { chalk }: Style): string {
  const passed = chalk.green(`${counts.passed} passed`);
  const failed = counts.failed > 0 ? chalk.red(`${counts.failed} failed`) : '0 failed';
  const skipped = counts.skipped > 0 ? chalk.yellow(`${counts.skipped} skipped`) : '0 skipped';
  const stopped = interrupted ? `${chalk.yellow('interrupted')}: ` : '';
  return `\n${stopped}${passed}, ${failed}, ${skipped} in ${formatDuration(durationMs)} ${chalk.dim(`· seed ${seed}`)}\n`;
}
