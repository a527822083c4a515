import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { catalogue } from '../../src/errors/catalogue.ts';
import { freePort } from '../free-ports.ts';
import { runCli } from './run-cli.ts';

// What a user reads for every mistake, kept in test/golden/cli-<case>.txt.

let folder: string;
let port: number;
beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'shopctl-errors-')));
  port = await freePort();
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Mistake {
  readonly args: readonly string[];
  readonly exit: number;
  /** Besides a good configuration and a good suite. PORT stands for a free port. */
  readonly files?: Readonly<Record<string, string>>;
}

const CONFIG = `services:
  web: { url: "http://127.0.0.1:PORT", ready: { timeout: 200ms } }
load:
  browse: { duration: 200ms, warmup: 0ms, requests: [{ get: "\${web}/" }] }
`;
const SUITE = 'suite: S\ntests:\n  - test: T\n    steps: [{ get: "${web}/" }]\n';
const OPENAPI = 'openapi: 3.1.0\ninfo: { title: T, version: "1" }\npaths:\n  /: { get: { responses: 7 } }\n';
const withContract = CONFIG.replace('ready:', 'contract: web.yaml, ready:');

const mistakes: Readonly<Record<string, Mistake>> = {
  'unknown-command': { args: ['upp'], exit: 2 },
  'unknown-option': { args: ['up', '--detch'], exit: 2 },
  usage: { args: ['test', 'e2e', '--jobs', 'many'], exit: 2 },
  'unknown-service': { args: ['up', 'wbe'], exit: 2 },
  'config-not-found': { args: ['--config', 'nowhere.yaml', 'status'], exit: 2 },
  'config-invalid': {
    args: ['up'],
    exit: 2,
    files: { 'e2e.config.yaml': 'services:\n  web: { commnd: x, port: 99999 }\n' },
  },
  'yaml-syntax': { args: ['up'], exit: 2, files: { 'e2e.config.yaml': 'services:\n\tweb: {}\n' } },
  'file-unreadable': { args: ['test', 'e2e', 'suites/nowhere.yaml'], exit: 2 },
  'suite-invalid': {
    args: ['test', 'e2e'],
    exit: 2,
    files: { 'suites/s.yaml': SUITE.replace('test:', 'tset:') },
  },
  'nothing-to-test': { args: ['test', 'e2e', '--tag', 'money'], exit: 2 },
  'report-invalid': { args: ['test', 'e2e', '--report', 'juint=out.xml'], exit: 2 },
  'contract-missing': { args: ['test', 'contract'], exit: 2 },
  'contract-invalid': {
    args: ['test', 'contract'],
    exit: 2,
    files: { 'e2e.config.yaml': withContract, 'web.yaml': OPENAPI },
  },
  'load-profile-unknown': { args: ['load', 'browze'], exit: 2 },
  'load-request-invalid': {
    args: ['load', 'browse'],
    exit: 2,
    files: { 'e2e.config.yaml': CONFIG.replace('"${web}/"', '"${wbe}/"') },
  },
  'load-target-remote': {
    args: ['load', 'browse'],
    exit: 2,
    files: { 'e2e.config.yaml': CONFIG.replace('"${web}/"', '"http://192.0.2.1/"') },
  },
  'load-profile-empty': {
    args: ['load', 'browse'],
    exit: 2,
    files: { 'e2e.config.yaml': CONFIG.replace(/, requests: .*\]/, '') },
  },
  'load-profile-mixed': {
    args: ['load', 'browse'],
    exit: 2,
    files: { 'e2e.config.yaml': CONFIG.replace(']', '], journey: [{ get: "${web}/" }]') },
  },
  'load-journey-keys': {
    args: ['load', 'browse'],
    exit: 2,
    files: { 'e2e.config.yaml': CONFIG.replace('requests:', 'connections: 5, journey:') },
  },
  'load-executor-wrong': {
    args: ['load', 'browse'],
    exit: 2,
    files: { 'e2e.config.yaml': CONFIG.replace('requests:', 'executor: users, requests:') },
  },
  'load-journey-invalid': {
    args: ['load', 'browse'],
    exit: 2,
    files: {
      'e2e.config.yaml': CONFIG.replace(
        'requests: [{ get: "${web}/" }]',
        'journey: [{ use: ./login.yaml }, { gett: "${web}/" }]',
      ),
      'login.yaml': 'steps: [{ get: "${wbe}/" }]\n',
    },
  },
  'load-users-unfitting': { args: ['load', 'browse', '--users', '5'], exit: 2 },
  'nothing-listens': { args: ['test', 'e2e'], exit: 3 },
  'not-running': {
    args: ['restart', 'web'],
    exit: 3,
    files: { 'e2e.config.yaml': `name: shop\n${CONFIG}` },
  },
};

it.each(Object.entries(mistakes))('%s', async (name, { args, exit, files = {} }) => {
  for (const [file, text] of Object.entries({
    'e2e.config.yaml': CONFIG,
    'suites/s.yaml': SUITE,
    ...files,
  })) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text.replaceAll('PORT', String(port)));
  }
  const result = await runCli(args, { cwd: folder });
  expect(result.stdout).toBe('');
  expect(result.code).toBe(exit);
  expect(result.stderr).not.toMatch(/^\s+at /m);
  const shown = result.stderr.replaceAll(folder, '<folder>').replaceAll(String(port), '<port>');
  await expect(shown).toMatchFileSnapshot(`../golden/cli-${name}.txt`);
});

it('a load target that goes away between start and load is named', async () => {
  // Stops listening first and answers the readiness probe then: nothing listens once that has its answer.
  const server = createServer((_, response) => {
    server.close();
    response.setHeader('connection', 'close').end();
  }).listen(port, '127.0.0.1');
  const probed = CONFIG.replace('timeout: 200ms', 'http: /, timeout: 10s');
  writeFileSync(join(folder, 'e2e.config.yaml'), probed.replaceAll('PORT', String(port)));
  const result = await runCli(['load', 'browse'], { cwd: folder });
  server.close();
  expect(result.code).toBe(3);
  const shown = result.stderr
    .replaceAll(String(port), '<port>')
    .replace(/ready in \S+ \w+/, 'ready in <time>');
  await expect(shown).toMatchFileSnapshot('../golden/cli-load-target-down.txt');
});

// Each of these needs a fault that cannot be staged from the command line, and is tested where it arises.
const STAGED_ELSEWHERE = [
  'control-refused',
  'control-unavailable',
  'interrupted',
  'load-generator-died',
  'load-request-invalid',
  'service-busy',
  'service-unreachable',
  'stop-incomplete',
];

it('every error of the catalogue has been seen as a user sees it', () => {
  const golden = new URL('../golden/', import.meta.url);
  const texts = readdirSync(golden).map((file) => readFileSync(new URL(file, golden), 'utf8'));
  const unseen = Object.keys(catalogue).filter((code) => texts.every((text) => !text.includes(`[${code}]`)));
  expect(unseen.sort()).toEqual(STAGED_ELSEWHERE);
});
