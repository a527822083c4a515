// Puts every service of the shop into one file in dist/shop, which starts in a third of the time: npm run build
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { bundle } from './bundle/bundle.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const out = join(root, 'dist/shop');

const folders = await readdir(join(root, 'services'), { withFileTypes: true });
const names = folders
  .filter((folder) => folder.isDirectory() && folder.name !== 'kit')
  .map(({ name }) => name);

/** Every file of dist/shop by its path. */
const files = new Map([
  ...(await bundle(root, names)).map(({ name, text }) => [`code/${name}.cjs`, text]),
  ...names.map((name) => [`${name}.cjs`, starterOf(name)]),
  ['run-cached.cjs', await readFile(join(root, 'scripts/bundle/run-cached.cjs'), 'utf8')],
  ...(await contracts()),
]);

function starterOf(name) {
  return `require('./run-cached.cjs').runCached(require('node:path').join(__dirname, 'code/${name}.cjs'));\n`;
}

/** As JSON, found by the text that they were made of (services/kit/contract/read-yaml.ts). */
async function contracts() {
  const folder = join(root, 'contracts/openapi');
  const documents = (await readdir(folder)).filter((file) => file.endsWith('.yaml'));
  return await Promise.all(
    documents.map(async (file) => {
      const text = await readFile(join(folder, file), 'utf8');
      const digest = createHash('sha256').update(text).digest('hex');
      return [`contracts/${digest}.json`, JSON.stringify(parse(text))];
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
for (const entry of await readdir(out, { recursive: true, withFileTypes: true })) {
  const path = relative(out, join(entry.parentPath, entry.name)).replaceAll('\\', '/');
  if (entry.isFile() && !files.has(path) && !path.includes('.code-cache')) await rm(join(out, path));
}
