import { stripVTControlCharacters } from 'node:util';
import { Chalk } from 'chalk';

const COLORS = [
  'cyan',
  'yellow',
  'green',
  'magenta',
  'blue',
  'cyanBright',
  'yellowBright',
  'greenBright',
] as const;

/** Writes log lines with the service's name in front, each service in its colour. */
export function logPrinter(services: readonly string[], color: boolean) {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const width = Math.max(0, ...services.map((name) => name.length));
  const prefixes = new Map(
    services.map((name, index) => {
      const paint = chalk[COLORS[index % COLORS.length] ?? 'cyan'];
      return [name, paint(`${name.padEnd(width)} |`)];
    }),
  );
  return (service: string, text: string) =>
    `${prefixes.get(service) ?? `${service} |`} ${shown(text, color)}\n`;
}

const RESET = '\u001b[0m';

/** A service's own colours end with its line, and stay away where none are wanted. */
function shown(text: string, color: boolean): string {
  if (!text.includes('\u001b')) return text;
  return color ? `${text}${RESET}` : stripVTControlCharacters(text);
}

/** Writes and waits for room: a reader that is slow slows the writer, and fills no memory. */
export async function writeAll(stream: NodeJS.WriteStream, text: string): Promise<void> {
  if (stream.write(text)) return;
  await new Promise<void>((resolve) => {
    const settle = () => {
      stream.off('drain', settle);
      stream.off('close', settle);
      resolve();
    };
    stream.on('drain', settle);
    stream.on('close', settle);
  });
}
