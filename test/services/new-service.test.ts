import { spawn } from 'node:child_process';
import { cp, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from './start-service.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const needed = [
  'scripts/new-service.mjs',
  'scripts/new-service',
  'services/kit',
  'contracts/openapi/users.yaml',
  'test/longest-first.ts',
  'test/services/ask.ts',
  'test/services/databases.ts',
  'test/services/start-service.ts',
  'test/services/test-server.ts',
  'package.json',
  'tsconfig.json',
  'biome.json',
  'vitest.config.ts',
];

let copy: string;
beforeAll(async () => {
  copy = await temporaryFolder();
  for (const path of needed) await cp(join(root, path), join(copy, path), { recursive: true });
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(async () => {
  await rm(copy, { recursive: true });
});

async function run(...args: string[]) {
  const child = spawn(process.execPath, args, { cwd: copy, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

const scaffold = (...args: string[]) => run('scripts/new-service.mjs', ...args);

describe('a scaffolded service', () => {
  it('compiles, is formatted and clean, and passes its own tests', { timeout: 120_000 }, async () => {
    const { code, stdout, stderr } = await scaffold('gift-cards', '--port', '8123');
    expect(code, stderr).toBe(0);
    expect(stdout).toBe(
      [
        '  gift-cards:',
        '    command: node dist/shop/gift-cards.cjs',
        '    port: 8123',
        '    ready: { notify: true }',
        '    contract: contracts/openapi/gift-cards.yaml',
        '',
      ].join('\n'),
    );
    const compiled = await run('node_modules/typescript-7/bin/tsc', '-p', 'tsconfig.json');
    expect(compiled, compiled.stdout).toMatchObject({ code: 0 });
    const clean = await run(
      'node_modules/@biomejs/biome/bin/biome',
      'check',
      '--error-on-warnings',
      'services/gift-cards',
      'test/services/gift-cards',
      'contracts/openapi/gift-cards.yaml',
    );
    expect(clean, clean.stderr).toMatchObject({ code: 0 });
    const tested = await run('node_modules/vitest/vitest.mjs', 'run', 'test/services/gift-cards');
    expect(tested, tested.stdout + tested.stderr).toMatchObject({ code: 0 });
  });

  it('is not written over', async () => {
    const first = await scaffold('coupons');
    expect(first.code, first.stderr).toBe(0);
    const main = join(copy, 'services/coupons/main.ts');
    const before = await readFile(main, 'utf8');
    const second = await scaffold('coupons', '--port', '9000');
    expect(second.code).toBe(2);
    expect(second.stderr).toContain(`There is already something at ${join('services', 'coupons')}`);
    expect(await readFile(main, 'utf8')).toBe(before);
  });
});

it.each([
  [['Gift Cards'], '"Gift Cards" cannot be the name of a service'],
  [['../evil'], '"../evil" cannot be the name of a service'],
  [['store'], '"store" means something else in the program'],
  [['import'], '"import" means something else in the program'],
  [['users'], 'There is already something at contracts/openapi/users.yaml'],
  [[], 'The name of the new service is missing.'],
  [['fine', 'two'], 'One service at a time'],
  [['fine', '--port', '70000'], '"70000" cannot be a port'],
  [['fine', '--prot', '1'], "Unknown option '--prot'"],
])('refuses %j in one sentence, with exit code 2', async (args, sentence) => {
  const { code, stdout, stderr } = await scaffold(...args);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(sentence);
  expect(stderr).not.toContain('    at ');
});
