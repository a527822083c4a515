// Runs a bundle with what V8 made of it the last time (its code cache), so that it is neither parsed nor compiled again.
// A cache is only ever a shortcut: one that is missing, broken, or made of another file, by another Node or under other
// flags is made anew, and where none can be written there is none.
'use strict';

const { channel } = require('node:diagnostics_channel');
const {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} = require('node:fs');
const { basename, dirname, join } = require('node:path');
const { Script } = require('node:vm');

/** What `node:module` exports, without the loader of ECMAScript modules that comes with it. */
const Module = module.constructor;

/** A program says on this channel that it has started: what is compiled by then is what the next start needs. */
const STARTED = 'program.started';

/**
 * Runs the CommonJS file `file` and answers what it exports. Its cache is written once, after it has said that it has
 * started. Programs in one file of which each run needs another part have a cache for each `part`.
 */
function runCached(file, part = '') {
  const { source, stats } = readBundle(file);
  const places = cachePlaces(file, part, stats);
  const cachedData = readCache(places);
  const script = new Script(source, { filename: file, ...(cachedData && { cachedData }) });
  if (cachedData === undefined || script.cachedDataRejected) keepWhenStarted(script, places);
  const module = new Module(file, require.main);
  module.filename = file;
  const run = script.runInThisContext();
  run.call(module.exports, module.exports, Module.createRequire(file), module, file, dirname(file));
  return module.exports;
}

/** Text and facts of one and the same file, although a build may be putting another in its place. */
function readBundle(file) {
  const descriptor = openSync(file, 'r');
  try {
    const stats = fstatSync(descriptor, { bigint: true });
    // Bundles are ASCII, which is read four times as fast.
    return { stats, source: Module.wrap(readFileSync(descriptor, 'latin1')) };
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Where the cache of this file may be: beside it, or in the user's folder for caches. The name holds everything that
 * makes code compiled by one process wrong for another. `ctime` changes with every change of a file, however it was
 * made and whatever times it was given.
 */
function cachePlaces(file, part, { size, ctimeNs, mtimeNs, ino }) {
  const by = [process.version, process.arch, process.execArgv, process.env.NODE_OPTIONS ?? '', file, part];
  // One name for each way to run, so that a new bundle's cache takes the place of the old one's.
  const name = `${basename(file, '.cjs')}-${shortHash(JSON.stringify(by))}`;
  return {
    identity: Buffer.from(JSON.stringify([...by, ...[size, ctimeNs, mtimeNs, ino].map(String)])),
    files: [
      () => join(dirname(file), '.code-cache', name),
      () => join(userCache(), 'shopctl', 'code-cache', name),
    ],
  };
}

const userCache = () => process.env.XDG_CACHE_HOME || join(require('node:os').homedir(), '.cache');

/** FNV-1a of 32 bits. Two that share a name take turns in its place: whose cache it is stands in the cache. */
function shortHash(text) {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}

/** The cache with this identity that is whole; undefined when there is none. */
function readCache({ identity, files }) {
  for (const path of files) {
    try {
      const data = dataOf(identity, readFileSync(path()));
      if (data !== undefined) return data;
    } catch {
      // There is none, or it may not be read: the same to us.
    }
  }
  return undefined;
}

/**
 * A cache is its identity, a NUL, and the data, twice: what is spoilt differs. To read and compare it takes a
 * fraction of the time in which Node loads what computes checksums.
 */
const cacheOf = (identity, data) => Buffer.concat([identity, Buffer.alloc(1), data, data]);

function dataOf(identity, bytes) {
  const begin = identity.length + 1;
  if (bytes[identity.length] !== 0 || !bytes.subarray(0, identity.length).equals(identity)) return undefined;
  const middle = begin + (bytes.length - begin) / 2;
  const data = bytes.subarray(begin, middle);
  return data.equals(bytes.subarray(middle)) ? data : undefined;
}

/** So long after it was read a part that is read on demand has done what it was read for. */
const SETTLED_MS = 1_000;

const started = channel(STARTED);
let hasStarted = false;
started.subscribe(onStart);

function onStart() {
  hasStarted = true;
  started.unsubscribe(onStart);
}

function keepWhenStarted(script, places) {
  let isDone = false;
  const keep = () => {
    if (isDone) return;
    isDone = true;
    const data = script.createCachedData();
    const bytes = cacheOf(places.identity, data);
    places.files.some((path) => write(path(), bytes));
  };
  const keepSoon = (waitMs) => {
    setTimeout(keep, waitMs).unref();
    process.once('exit', keep);
  };
  if (hasStarted) return keepSoon(SETTLED_MS);
  // What is compiled later is not read at every start.
  const onStarted = () => {
    started.unsubscribe(onStarted);
    keepSoon(0);
  };
  started.subscribe(onStarted);
}

/** In one step: whoever starts at the same moment reads a whole cache or none. */
function write(file, bytes) {
  const temporary = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, bytes, { mode: 0o600 });
    renameSync(temporary, file);
    return true;
  } catch {
    clearAway(temporary);
    return false;
  }
}

function clearAway(file) {
  try {
    rmSync(file, { force: true });
  } catch {
    // There was no place for it in the first place.
  }
}

module.exports = { runCached };
