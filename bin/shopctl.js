#!/usr/bin/env node
// CommonJS (package.json beside it): what loads ECMAScript modules takes longer to start than most commands take.
'use strict';

const { existsSync, readFileSync, writeSync } = require('node:fs');
const { join } = require('node:path');

const [word, ...more] = process.argv.slice(2);
const dist = join(__dirname, '../dist');

// Answered before anything is loaded: whoever asks for the version waits for nothing else.
if (!((word === '--version' || word === '-V') && more.length === 0 && tellVersion())) void run();

function tellVersion() {
  const { version } = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8'));
  try {
    writeSync(1, `${version}\n`);
    return true;
  } catch {
    // Nobody reads it, which the whole program knows how to take.
    return false;
  }
}

async function run() {
  const { main } = await load();
  await main(process.argv);
}

/** The CLI in one file with a code cache, one for each command, as `npm run build` leaves it. */
function load() {
  const command = /^[a-z]+$/.test(word) ? word : '';
  const bundle = [`command-${command}`, 'main']
    .map((name) => join(dist, 'cli/code', `${name}.cjs`))
    .find((file) => existsSync(file));
  if (bundle === undefined) return import('../dist/src/cli/main.js');
  return require('../dist/run-cached.cjs').runCached(bundle, command);
}
