// Scaffolds a service that runs, is described and is tested:  npm run new:service -- <name> [--port N]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Script } from 'node:vm';
import { contractOf } from './new-service/contract.mjs';
import { sourcesOf } from './new-service/sources.mjs';
import { testOf } from './new-service/test.mjs';
import { wordsOf } from './new-service/words.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const usage = 'Usage: npm run new:service -- <name> [--port N]';

/** Ends with exit code 2 and one sentence. */
function refuse(sentence) {
  process.stderr.write(`${sentence}\n${usage}\n`);
  process.exit(2);
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      options: { port: { type: 'string' } },
      allowPositionals: true,
    });
    return { name: positionals[0], extra: positionals.slice(1), port: values.port ?? '8020' };
  } catch (error) {
    return refuse(error.message);
  }
}

/** Names of the files that every service has, and words that cannot name a variable. */
function isReserved(word) {
  if (['main', 'app', 'routes', 'route', 'store', 'kit'].includes(word)) return true;
  try {
    new Script(`'use strict'; let ${wordsOf(word).camel};`);
    return false;
  } catch {
    return true;
  }
}

const { name, extra, port } = readArguments();
if (name === undefined) refuse('The name of the new service is missing.');
if (extra.length > 0) refuse(`One service at a time: "${extra.join(' ')}" is too much.`);
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 30) {
  refuse(
    `"${name}" cannot be the name of a service: use lower-case words joined by "-", at most 30 characters.`,
  );
}
if (isReserved(name)) refuse(`"${name}" means something else in the program; choose another name.`);
if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
  refuse(`"${port}" cannot be a port: use a number from 1 to 65535.`);
}

const files = new Map([
  ...sourcesOf(name, Number(port)).map(([file, text]) => [join('services', name, file), text]),
  [join('contracts', 'openapi', `${name}.yaml`), contractOf(root, name, Number(port))],
  [join('test', 'services', name, `${name}.test.ts`), testOf(name)],
]);
const taken = [join('services', name), ...files.keys()].find((path) => existsSync(join(root, path)));
if (taken !== undefined) refuse(`There is already something at ${taken}; choose another name.`);

for (const [path, text] of files) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text, { flag: 'wx' });
  process.stderr.write(`wrote ${path}\n`);
}

// How a line breaks depends on how long the name is; the formatter knows.
const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');

const formatted = spawnSync(process.execPath, [biome, 'check', '--write', ...files.keys()], {
  cwd: root,
  encoding: 'utf8',
});
if (formatted.status !== 0)
  process.stderr.write(`The files are there, but not formatted:\n${formatted.stderr}\n`);

process.stderr.write('\nAdd this to "services" in e2e.config.yaml:\n\n');
process.stdout.write(`  ${name}:
    command: node dist/shop/${name}.cjs
    port: ${port}
    ready: { notify: true }
    contract: contracts/openapi/${name}.yaml
`);
process.stderr.write(`\nThen: npm run build && npx vitest run test/services/${name}\n`);
