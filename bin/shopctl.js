#!/usr/bin/env node
import { existsSync, readFileSync, writeSync } from 'node:fs';

const [word, ...more] = process.argv.slice(2);

// Answered before anything is loaded: whoever asks for the version waits for nothing else.
if (!((word === '--version' || word === '-V') && more.length === 0 && tellVersion())) {
  const { main } = await load();
  await main(process.argv);
}

function tellVersion() {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  try {
    writeSync(1, `${version}\n`);
    return true;
  } catch {
    // Nobody reads it, which the whole program knows how to take.
    return false;
  }
}

/** The CLI in one file with a code cache, one for each command, as `npm run build` leaves it. */
async function load() {
  const bundle = new URL('../dist/cli/code/main.cjs', import.meta.url);
  if (!existsSync(bundle)) return await import('../dist/src/cli/main.js');
  const { createRequire } = await import('node:module');
  const { fileURLToPath } = await import('node:url');
  const require = createRequire(import.meta.url);
  return require('../dist/run-cached.cjs').runCached(
    fileURLToPath(bundle),
    /^[a-z]+$/.test(word) ? word : '',
  );
}
