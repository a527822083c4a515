import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const script = join(root, 'scripts/new-step.mjs');

let copy = '';
beforeEach(async () => {
  // Below the project, so that the copy finds the installed packages.
  await mkdir(join(root, '.shopctl'), { recursive: true });
  copy = await mkdtemp(join(root, '.shopctl', 'new-step-'));
  for (const part of [
    'src',
    'test/suite',
    'test/longest-first.ts',
    'test/services/test-server.ts',
    'vitest.config.ts',
    'tsconfig.json',
    'package.json',
    'biome.json',
  ])
    await cp(join(root, part), join(copy, part), { recursive: true });
});
afterEach(() => rm(copy, { recursive: true, force: true }));

const newStep = (name: string) => run(process.execPath, [script, name], { cwd: copy });

describe('npm run new:step', () => {
  it('makes a step kind that is in the table and whose test passes', async () => {
    const { stdout } = await newStep('wait-for');
    expect(stdout).toContain('wrote src/suite/steps/wait-for.ts');
    const table = await readFile(join(copy, 'src/suite/steps/index.ts'), 'utf8');
    expect(table).toContain("import { use } from './use.ts';\nimport { waitFor } from './wait-for.ts';\n");
    expect(table).toContain('[http, use, waitFor];');
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const args = [vitest, 'run', '--root', copy, 'test/suite/steps/wait-for.test.ts'];
    const tested = await run(process.execPath, args, { cwd: copy, env: { ...process.env, NO_COLOR: '1' } });
    expect(tested.stdout).toMatch(/Tests\s+2 passed/);
  });

  it.each(['', 'Mail', 'a_b', '../x', 'http'])('refuses the name %j', async (name) => {
    await expect(newStep(name)).rejects.toMatchObject({ code: 2 });
  });
});
