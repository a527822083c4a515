// The least that a supervisor in Node can do: starts services in the order of their needs, with pipes for what they write
// and a descriptor on which they say that they are ready. No check, no log, no state, nobody who clears up after it.
'use strict';

const { spawn } = require('node:child_process');
const { readFileSync } = require('node:fs');

const services = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const children = [];
const waiting = new Set(services);
const ready = new Set();

function startWhatMay() {
  for (const service of waiting) {
    if (!service.needs.every((need) => ready.has(need))) continue;
    waiting.delete(service);
    start(service);
  }
}

function start({ name, command: [program, ...args], cwd, env, port }) {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env, PORT: String(port), READY_FD: '3' },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  children.push(child);
  for (const stream of [child.stdout, child.stderr]) stream.on('data', () => undefined);
  child.stdio[3].once('data', () => {
    ready.add(name);
    startWhatMay();
  });
}

process.once('SIGINT', () => {
  for (const { pid } of children) process.kill(-pid, 'SIGTERM');
});
startWhatMay();
