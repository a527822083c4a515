// Writes schemas/*.schema.json from the definitions that the built CLI checks files against; --check only compares.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { configSchema } from '../dist/src/config/index.js';
import { sharedSchema, suiteSchema } from '../dist/src/suite/index.js';

const folder = new URL('../schemas/', import.meta.url);
const files = {
  'config.schema.json': configSchema,
  'suite.schema.json': suiteSchema,
  'shared.schema.json': sharedSchema,
};

const stale = Object.entries(files)
  .map(([name, schema]) => ({
    url: new URL(name, folder),
    name,
    text: `${JSON.stringify(schema, null, 2)}\n`,
  }))
  .filter(({ url, text }) => text !== readIfThere(url));

if (process.argv.includes('--check')) {
  for (const { name } of stale)
    console.error(`schemas/${name} is stale: run \`npm run schemas\` and commit it`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  mkdirSync(folder, { recursive: true });
  for (const { url, text } of stale) writeFileSync(url, text);
  console.log(`${stale.length} of ${Object.keys(files).length} schemas written`);
}

function readIfThere(url) {
  try {
    return readFileSync(url, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
