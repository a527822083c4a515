import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the range from which systems give ports to whoever asks for any (Linux from 32768, macOS from 49152), so that
 * nobody gets such a port by chance while a service of ours is down for a moment.
 */
const LOWEST = 12_000;
const PER_WORKER = 5_000;
const WORKERS = 4;

// Workers of one run never meet; where a worker begins differs from run to run, so that two runs seldom do.
const base = LOWEST + (Number(process.env['VITEST_POOL_ID'] ?? 1) % WORKERS) * PER_WORKER;
let offset = process.pid * 37;

/** Ports that nobody listens on, each another one; none is given twice by this worker. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = base + (offset % PER_WORKER);
    offset += 1;
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

/** On either loopback: a service may listen on both. */
async function isFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '::1'])
    if ((await codeOfListening(port, host)) === 'EADDRINUSE') return false;
  return true;
}

async function codeOfListening(port: number, host: string): Promise<string | undefined> {
  const server = createServer();
  const code = await new Promise<string | undefined>((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    server.listen(port, host, () => resolve(undefined));
  });
  if (code !== undefined) return code;
  server.close();
  await once(server, 'close');
  return undefined;
}
