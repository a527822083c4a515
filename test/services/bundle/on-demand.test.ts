import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const code = fileURLToPath(new URL('../../../dist/shop/code/', import.meta.url));
const require = createRequire(import.meta.url);

/** Runs a line of JavaScript in a Node of its own, where `later` reads a bundle that is read on demand. */
function run(line: string, env: NodeJS.ProcessEnv = {}): string {
  const later = `const later = (name) => require(${JSON.stringify(`${code}later/`)} + name + '.cjs');`;
  return execFileSync(process.execPath, ['-e', `${later}\n${line}`], {
    env: { ...env, PATH: process.env['PATH'], HOME: process.env['HOME'] },
    encoding: 'utf8',
  });
}

describe('what a service reads on demand', () => {
  const names = readdirSync(`${code}later/code`)
    .filter((file) => file.endsWith('.cjs'))
    .map((file) => file.replace('.cjs', ''));

  const packages = ['ajv', 'body-parser', 'depd', 'mailparser', 'mime-types', 'qs', 'send', 'undici'];

  it('is in no bundle that it starts from', () => {
    const bundles = readdirSync(code).filter((file) => file.endsWith('.cjs'));
    expect(bundles).toContain('auth.cjs');
    for (const bundle of bundles) {
      const text = readFileSync(code + bundle, 'utf8');
      expect(text.includes('// node_modules/express/')).toBe(true);
      expect(packages.filter((name) => text.includes(`// node_modules/${name}/`))).toEqual([]);
    }
  });

  it.each(names)('can be read: %s', (name) => {
    const kinds = run(
      `const whole = later(${JSON.stringify(name)}); console.log(typeof whole, Object.keys(whole).length)`,
    );
    expect(kinds).toMatch(/^(function \d+|object [1-9]\d*)\n$/);
  });
});

describe('what stands in for the list of all media types', () => {
  const table = ['json', 'html', 'text', 'txt', 'pdf', '.JSON', 'nothing-known', ''];
  const types = [
    'application/json',
    'application/problem+json',
    'text/event-stream',
    'text/html',
    'text/plain',
    'text/plain; charset=latin1',
    'image/png',
    'constructor',
  ];

  const whole: Record<string, (text: string) => unknown> = require(`${code}later/mime-types.cjs`);
  /** The stand-in asks the list by a name that only the bundle knows. */
  const standIn = (() => {
    const file = new URL('../../../scripts/bundle/mime-types.cjs', import.meta.url);
    const module = { exports: {} as Record<string, (text: string) => unknown> };
    const load = new Function('module', 'exports', 'require', readFileSync(file, 'utf8'));
    load(module, module.exports, () => whole);
    return module.exports;
  })();

  it.each(['lookup', 'contentType', 'charset', 'extension'])('answers %s as the list does', (question) => {
    for (const text of [...table, ...types])
      expect([text, standIn[question]?.(text)]).toEqual([text, whole[question]?.(text)]);
  });
});
