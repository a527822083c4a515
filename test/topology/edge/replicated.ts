import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { loadProject } from '../../../src/config/index.ts';
import type { ServiceSpec } from '../../../src/config/project.ts';
import { fixture, freePorts, temporaryFolder, trial } from '../support.ts';

export const EDGE_PROGRAM = fileURLToPath(
  new URL('../../../dist/src/topology/edge-main.js', import.meta.url),
);

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Question {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
  readonly signal?: AbortSignal;
}

/** A service `shop` with three replicas of a fixture, each on a free port, as the configuration makes it. */
export async function replicated(rest = '') {
  const folder = temporaryFolder();
  const [port = 0, ...others] = await freePorts(4);
  const command = JSON.stringify([process.execPath, fixture('replica.mjs')]);
  const keys = rest.includes('replicas:') ? rest : `replicas: 3, ${rest}`;
  writeFileSync(
    join(folder, 'e2e.config.yaml'),
    `services:\n  shop: { command: ${command}, port: ${port}, ready: { http: /healthz, timeout: 60s }, live: false,` +
      ` env: { NOTES: "\${project.root}" }, ${keys} }\n`,
  );
  const ports = new Map(others.map((other, index) => [`shop-${index + 1}`, other]));
  const { services } = loadProject({ file: 'e2e.config.yaml', cwd: folder, env: {}, ports });
  const started = trial(services.map(built), folder);
  const running = await started.start();
  const statusOf = (name: string) => running.services().find((service) => service.name === name);
  return {
    ...started,
    ...{ folder, port, running, statusOf },
    ask: (question: Question = {}) => ask(port, question),
    /** What members have noted down, by number. */
    received: (replica: number) => linesOf(join(folder, `RECEIVED-${replica}`)),
    note: (name: string) => writeFileSync(join(folder, name), 'x'),
    log: () => linesOf(join(folder, '.shopctl', 'logs', 'shop.log')).join('\n'),
    pidOf: (name: string) => statusOf(name)?.pid ?? 0,
  };
}

/** This code does not run from its build, and the edge does. */
function built(spec: ServiceSpec): ServiceSpec {
  if (spec.kind !== 'own' || spec.env['SHOPCTL_EDGE'] === undefined) return spec;
  return { ...spec, command: [process.execPath, EDGE_PROGRAM] };
}

function linesOf(file: string): string[] {
  // What follows the last end of a line is still being written, or was never.
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}

export function keptConnections(maxSockets: number): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets });
  onTestFinished(() => agent.destroy());
  return agent;
}

export function ask(port: number, { path = '/', body, ...options }: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port, path, agent: false, ...options }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          ...{ status: response.statusCode ?? 0, headers: response.headers },
          body: Buffer.concat(chunks).toString('latin1'),
        }),
      );
    })
      .on('error', reject)
      .end(body);
  });
}
