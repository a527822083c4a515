import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Whatever the bundles are made of, and by. */
const sources = [
  'src',
  'services',
  'contracts/openapi',
  'scripts',
  'package.json',
  'node_modules/.package-lock.json',
];

/** What tells whether any of it has changed since: path, size and time of every file. */
export async function factsOfSources(root) {
  const files = (await Promise.all(sources.map((source) => filesIn(join(root, source))))).flat().sort();
  const facts = files.map(async (file) => {
    const { size, mtimeNs } = await stat(file, { bigint: true });
    return `${relative(root, file)} ${size} ${mtimeNs}`;
  });
  return [process.version, ...(await Promise.all(facts))].join('\n');
}

async function filesIn(path) {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

const noteIn = (out) => join(out, '.bundled.json');

/** Whether the bundles below `out` were made of just this, and are all still there. */
export async function isMade(out, facts) {
  try {
    const made = JSON.parse(await readFile(noteIn(out), 'utf8'));
    if (made.facts !== facts) return false;
    await Promise.all(made.files.map((file) => stat(join(out, file))));
    return true;
  } catch {
    // Nothing was made, or something of it is missing.
    return false;
  }
}

/** @param files their paths below `out` */
export async function noteMade(out, facts, files) {
  await writeFile(noteIn(out), JSON.stringify({ facts, files }));
}
