import type { ServiceEvent } from '../model/index.ts';
import type { CliContext } from './context.ts';
import { logPrinter, writeAll } from './log-printer.ts';
import { describeEnd } from './service-words.ts';

/** Takes what would go to the terminal, and shows it in its own way. */
export interface View {
  /** Lines of a service; a promise where whoever writes them has to wait. */
  lines(service: string, text: () => string): Promise<void> | undefined;
  words(text: string): void;
  /** Something has happened to a service. */
  happened(): void;
}

interface ForegroundDisplay {
  isReady: boolean;
  /** Absent: plain lines. */
  view: View | undefined;
  /** A sentence with its line end. */
  say(text: string): void;
  /** A promise where whoever tells has to wait. */
  onEvent(event: ServiceEvent): Promise<void> | undefined;
}

/** What the foreground shows once all are ready: log lines on stdout, what happens on stderr; with --json all as NDJSON. */
export function foregroundDisplay(
  context: CliContext,
  names: readonly string[],
  raw: boolean,
): ForegroundDisplay {
  const { stdout, stderr, color, json, quiet } = context;
  const format = logPrinter(names, { color, raw, isTerminal: stdout.isTTY === true });
  const width = Math.max(0, ...names.map((name) => name.length));
  const print = ({ service, lines }: Extract<ServiceEvent, { type: 'log-lines' }>) => {
    const text = () => lines.map((line) => format(service, line)).join('');
    return display.view === undefined ? writeAll(stdout, text()) : display.view.lines(service, text);
  };
  const display: ForegroundDisplay = {
    isReady: false,
    view: undefined,
    say(text) {
      if (display.view === undefined) stderr.write(text);
      else display.view.words(text);
    },
    onEvent(event) {
      if (json) return writeAll(stdout, `${JSON.stringify(event)}\n`);
      if (!display.isReady) return undefined;
      if (event.type === 'log-lines') return print(event);
      display.view?.happened();
      const words = describeEnd(event, color);
      if (words !== undefined && (!quiet || event.type === 'service-exited')) {
        display.say(`${event.service.padEnd(width)}  ${words}\n`);
      }
      return undefined;
    },
  };
  return display;
}
