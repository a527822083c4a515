// Writes schemas/*.schema.json from the definitions that the built CLI checks files against, and the AsyncAPI document
// from those that the services check events with; --check only compares.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { eventsDocument } from '../dist/services/kit/events/document.js';
import { configSchema } from '../dist/src/config/index.js';
import { sharedSchema, suiteSchema } from '../dist/src/suite/index.js';

const folder = new URL('../', import.meta.url);
const json = (schema) => `${JSON.stringify(schema, null, 2)}\n`;
const files = {
  'schemas/config.schema.json': json(configSchema),
  'schemas/suite.schema.json': json(suiteSchema),
  'schemas/shared.schema.json': json(sharedSchema),
  'contracts/asyncapi/shop.yaml': `# Written by \`npm run schemas\` from services/kit/events.\n${stringify(eventsDocument(), { aliasDuplicateObjects: false, lineWidth: 110 })}`,
};

const stale = Object.entries(files)
  .map(([name, text]) => ({ url: new URL(name, folder), name, text }))
  .filter(({ url, text }) => text !== readIfThere(url));

if (process.argv.includes('--check')) {
  for (const { name } of stale) console.error(`${name} is stale: run \`npm run schemas\` and commit it`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const { url, text } of stale) {
    mkdirSync(new URL('.', url), { recursive: true });
    writeFileSync(url, text);
  }
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
