// Puts every service of the shop, and the CLI, into one file each, which start in a third of the time: npm run build
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { bundleCli, bundleLaterModules, bundleServices } from './bundle/bundle.mjs';
import { factsOfSources, isMade, noteMade } from './bundle/made-before.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const out = join(root, 'dist');

const facts = await factsOfSources(root);
if (await isMade(out, facts)) process.exit();

const folders = await readdir(join(root, 'services'), { withFileTypes: true });
const services = folders
  .filter((folder) => folder.isDirectory() && folder.name !== 'kit')
  .map(({ name }) => name);

/** Programs of the CLI, as paths below `src` and `dist/cli`. */
const programs = [
  'cli/main',
  'topology/supervisor-main',
  'topology/watchdog-main',
  'topology/edge-main',
  'load/executors/saturate/generator',
];
/** `bin/shopctl.js` starts the first itself, and the watchdog is read from its input. */
const isStartedByName = (path) => !['cli/main', 'topology/watchdog-main'].includes(path);
/** Commands that have the CLI for themselves: what starts them waits for it. */
const fastCommands = ['up', 'status', 'broker'];

const later = await bundleLaterModules(root);

/** Every file of the bundles by its path below `dist`. */
const files = new Map([
  ['run-cached.cjs', await readFile(join(root, 'scripts/bundle/run-cached.cjs'), 'utf8')],
  ...(await bundleServices(root, services)).map(([name, text]) => [`shop/code/${name}.cjs`, text]),
  ...services.map((name) => [`shop/${name}.cjs`, starter('..', name)]),
  ...later.map(([name, text]) => [`shop/code/later/code/${name}.cjs`, text]),
  ...later.map(([name]) => [`shop/code/later/${name}.cjs`, `module.exports = ${starter('../../..', name)}`]),
  ...(await contracts()),
  ...(await bundleCli(root, programs, fastCommands)).map(([name, text]) => [`cli/code/${name}.cjs`, text]),
  ...programs.filter(isStartedByName).map((path) => [`cli/${path}.js`, programStarter(path)]),
]);

/** CommonJS that runs the bundle in the folder `code` beside it. */
function starter(upToDist, name) {
  return `require('${upToDist}/run-cached.cjs').runCached(require('node:path').join(__dirname, 'code/${name}.cjs'));\n`;
}

/** ECMAScript, because that is what a `.js` of this package is; the name is the one of the program in `src`. */
function programStarter(path) {
  const upToCli = '../'.repeat(path.split('/').length - 1);
  return `import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
const require = createRequire(import.meta.url);
require('${upToCli}../run-cached.cjs').runCached(fileURLToPath(new URL('${upToCli}code/${basename(path)}.cjs', import.meta.url)));
`;
}

/** As JSON, found by the text that they were made of (services/kit/contract/read-yaml.ts). */
async function contracts() {
  const folder = join(root, 'contracts/openapi');
  const documents = (await readdir(folder)).filter((file) => file.endsWith('.yaml'));
  return await Promise.all(
    documents.map(async (file) => {
      const text = await readFile(join(folder, file), 'utf8');
      const digest = createHash('sha256').update(text).digest('hex');
      return [`shop/contracts/${digest}.json`, JSON.stringify(parse(text))];
    }),
  );
}

/** What is the same stays untouched, so that its code cache still holds; what may be starting now is replaced at once. */
for (const [path, text] of files) {
  const file = join(out, path);
  if ((await readFile(file, 'utf8').catch(() => undefined)) === text) continue;
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, text);
  await rename(temporary, file);
}
for (const folder of ['shop', 'cli']) {
  for (const entry of await readdir(join(out, folder), { recursive: true, withFileTypes: true })) {
    const path = relative(out, join(entry.parentPath, entry.name)).replaceAll('\\', '/');
    if (entry.isFile() && !files.has(path) && !path.includes('.code-cache')) await rm(join(out, path));
  }
}
await noteMade(out, facts, [...files.keys()]);
