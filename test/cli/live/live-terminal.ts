import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, onTestFinished } from 'vitest';
import { freePort, temporaryFolder } from '../../topology/support.ts';
import { BIN, runCli } from '../run-cli.ts';

/** util-linux has a `script` that runs a command in a terminal of its own; elsewhere it takes other options. */
export const hasTerminal =
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true;

const SAYS = `import { createServer } from 'node:http';
import { existsSync } from 'node:fs';
const { NAME, PORT } = process.env;
if (existsSync(NAME + '.broken')) process.exit(3);
createServer((request, response) => {
  if (request.url === '/flood') setInterval(() => process.stdout.write('flood\\n'.repeat(2_000)), 5);
  else if (request.url !== '/') console.log(NAME + ' says ' + request.url);
  response.end();
}).listen(PORT, '127.0.0.1');
`;

/** Services that say what they are asked for; `orders` needs `users`. */
export async function talkingProject() {
  const folder = temporaryFolder();
  const ports = { users: await freePort(), orders: await freePort() };
  const service = (name: keyof typeof ports, more: string) =>
    `  ${name}: { command: [${JSON.stringify(process.execPath)}, says.mjs], port: ${ports[name]}, env: { NAME: ${name} }, ready: { http: /, timeout: 30s }${more} }\n`;
  writeFileSync(join(folder, 'says.mjs'), SAYS);
  const services = service('users', '') + service('orders', ', needs: [users]');
  writeFileSync(join(folder, 'e2e.config.yaml'), `name: trial\nservices:\n${services}`);
  onTestFinished(async () => {
    await runCli(['down'], { cwd: folder });
  });
  const ask = (name: keyof typeof ports, path: string) => fetch(`http://127.0.0.1:${ports[name]}${path}`);
  return { folder, ask };
}

export interface TerminalOptions {
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A line of sh(1) in which `@` stands for shopctl. */
  readonly line?: string;
}

/** A bound, not an expectation. */
const PATIENCE_MS = 20_000;
const FRAME = { begin: '\u001b[?2026h', end: '\u001b[?2026l' };

/** Runs a line of shell in a terminal of 100 columns and 24 rows, and tells of its settings before and after. */
export function openTerminal({ folder, env = {}, line = '@ up' }: TerminalOptions) {
  const command = line.replaceAll('@', `'${process.execPath}' '${BIN}'`);
  const { PATH = '', HOME = '' } = process.env;
  const script = `trap : INT; stty cols 100 rows 24; echo "tty $(tty)"; echo "mode $(stty -g)"; ${command}; echo "ended with $?"; echo "mode $(stty -g)"`;
  const child = spawn('script', ['-qec', script, '/dev/null'], {
    cwd: folder,
    env: { PATH, HOME, TERM: 'xterm', SHELL: '/bin/sh', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    shown += chunk;
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await closed;
  });
  // A frame ends without a newline, and the next one begins in its first line.
  const plain = () =>
    stripVTControlCharacters(shown.replaceAll(FRAME.begin, '\n').replaceAll(FRAME.end, '\n')).replaceAll(
      '\r',
      '',
    );
  /** The last whole frame, with the log lines that came with it. */
  const frame = () => {
    const whole = shown.slice(0, shown.lastIndexOf(FRAME.end));
    return stripVTControlCharacters(whole.slice(whole.lastIndexOf(FRAME.begin))).replaceAll('\r', '');
  };
  return {
    raw: () => shown,
    plain,
    frame,
    press: (keys: string) => child.stdin.write(keys),
    /** Waits until the last frame is like that. */
    async showsFrame(pattern: RegExp) {
      await expect.poll(frame, { timeout: PATIENCE_MS }).toMatch(pattern);
    },
    async shows(pattern: RegExp) {
      await expect.poll(plain, { timeout: PATIENCE_MS }).toMatch(pattern);
    },
    resize(columns: number, rows: number) {
      const path = /^tty (.+)$/m.exec(plain())?.[1] ?? '';
      const { status } = spawnSync('stty', ['-F', path, 'cols', String(columns), 'rows', String(rows)]);
      expect(status).toBe(0);
    },
    /** The exit code, once the terminal is closed, which has to be as it was found. */
    async end(): Promise<number> {
      await closed;
      const modes = [...plain().matchAll(/^mode (.+)$/gm)].map(([, mode]) => mode);
      expect(modes.length).toBeGreaterThan(1);
      expect(new Set(modes).size).toBe(1);
      expect(shown.lastIndexOf('\u001b[?25h')).toBeGreaterThan(shown.lastIndexOf('\u001b[?25l'));
      return Number(/^ended with (\d+)$/m.exec(plain())?.[1]);
    },
  };
}

/** Pid of the supervisor, which is the `up` in the foreground. */
export async function supervisorOf(folder: string): Promise<number> {
  const { stdout } = await runCli(['status', '--json'], { cwd: folder });
  const { supervisor }: { supervisor: { pid: number } } = JSON.parse(stdout);
  return supervisor.pid;
}

export async function stateOf(folder: string, name: string) {
  const { stdout } = await runCli(['status', '--json'], { cwd: folder });
  const { services }: { services: { name: string; state: string; pid: number | null }[] } =
    JSON.parse(stdout);
  return services.find((service) => service.name === name);
}
