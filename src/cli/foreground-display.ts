import type { ServiceEvent } from '../model/index.ts';
import type { CliContext } from './context.ts';
import { logPrinter, writeAll } from './log-printer.ts';
import { describeEnd } from './service-words.ts';

/** What the foreground shows once all are ready: log lines on stdout, what happens on stderr; with --json all as NDJSON. */
export function foregroundDisplay(context: CliContext, names: readonly string[], raw: boolean) {
  const { stdout, stderr, color, json, quiet } = context;
  const format = logPrinter(names, { color, raw, isTerminal: stdout.isTTY === true });
  const width = Math.max(0, ...names.map((name) => name.length));
  const display = {
    isReady: false,
    async onEvent(event: ServiceEvent): Promise<void> {
      if (json) return writeAll(stdout, `${JSON.stringify(event)}\n`);
      if (!display.isReady) return;
      if (event.type === 'log-lines') {
        return writeAll(stdout, event.lines.map((line) => format(event.service, line)).join(''));
      }
      const words = describeEnd(event, color);
      if (words !== undefined && (!quiet || event.type === 'service-exited')) {
        stderr.write(`${event.service.padEnd(width)}  ${words}\n`);
      }
    },
  };
  return display;
}
