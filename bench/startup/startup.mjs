// Starts the default topology of the bundled shop RUNS (5) times with each tool, one after the other in every round, and
// beside it what the machine costs at that moment: a bare Node that listens, and one service alone.
//   node startup.mjs [--json]      (after `npm run build` above and `npm install` here; Linux: reads /proc)
// Exit code 1 when a start was not whole, or shopctl misses one of the limits that the table names.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandLine, cpuMs, environment, median, oneRun, oneStart, pidsMarked } from './costs.mjs';
import { answers, openShop } from './shop.mjs';
import { LEAST, stateOf, tools } from './tools.mjs';

const RUNS = Number(process.env.RUNS ?? 5);
const LIMIT_MS = Number(process.env.LIMIT_MS ?? 120_000);
const bareServer =
  "require('node:http').createServer((q, r) => r.end()).listen(0, '127.0.0.1', () => require('node:fs').writeSync(3, 'READY=1\\n'))";

const shop = openShop();
const { folder, services } = shop;
const wanted =
  process.env.TOOLS === undefined ? Object.keys(tools) : [...process.env.TOOLS.split(','), LEAST];

/** From the command to the moment in which every service answers, and who spent how much of the processor by then. */
async function start(tool, round) {
  const mark = `SHOPCTL_BENCH=${tool.replaceAll(/\W/g, '')}-${process.pid}-${round}`;
  const [name, value] = mark.split('=');
  const env = { ...environment, SIMULATE: 'on', [name]: value };
  const began = performance.now();
  const stop = tools[tool]({ ...shop, env });
  try {
    const last = shop.levels.at(-1);
    const isReady =
      tool === 'shopctl' ? async () => stateOf(folder)?.phase === 'up' : async () => every(last);
    while (!(await isReady())) {
      if (performance.now() - began > LIMIT_MS) return { tool, isWhole: false };
      await sleep(5);
    }
    const wallMs = performance.now() - began;
    const pids = pidsMarked(mark);
    const isService = (pid) => services.some(({ command }) => isCommand(commandLine(pid), command));
    const sum = (some) => some.reduce((total, pid) => total + cpuMs(pid), 0);
    const serviceMs = sum(pids.filter(isService));
    const toolMs = sum(pids.filter((pid) => !isService(pid)));
    return { tool, isWhole: await every(services), wallMs, serviceMs, toolMs };
  } finally {
    await stop();
    // Whatever a tool leaves behind would answer the next one's questions.
    for (let left = pidsMarked(mark); left.length > 0; left = pidsMarked(mark)) {
      for (const pid of left) kill(pid);
      await sleep(20);
    }
  }
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

async function every(some) {
  return (await Promise.all(some.map(answers))).every(Boolean);
}

const isCommand = (words, command) => command.slice(1).every((word, at) => words[at + 1] === word);

async function controls() {
  const [program] = services.find(({ name }) => name === 'auth').command;
  const env = { ...environment, READY_FD: '3', PORT: '0' };
  const auth = services.find(({ name }) => name === 'auth');
  const { AMQP_URL: _broker, ...settings } = auth.env;
  const data = { DATA_DIR: join(folder, 'alone') };
  return {
    bare: await oneStart([program, '-e', bareServer], { env, cwd: folder }),
    service: await oneStart(auth.command, { env: { ...settings, ...env, ...data }, cwd: folder }),
    nothingMs: await oneRun(['-e', '0'], folder),
    versionMs: await oneRun(['bin/shopctl.js', '--version'], folder),
    statusMs: await oneRun(['bin/shopctl.js', 'status'], folder),
  };
}

const starts = [];
const measured = [];
try {
  // What is measured is a start like any other: databases and code caches are there.
  for (let round = 0; round < 2; round += 1) {
    await start('shopctl', `warm-${round}`);
    await controls();
  }
  for (let round = 0; round < RUNS; round += 1) {
    measured.push(await controls());
    for (const tool of wanted) starts.push({ round, ...(await start(tool, round)) });
  }
} finally {
  shop.close();
}

const of = (tool, what) =>
  median(starts.filter((one) => one.tool === tool && one.isWhole).map((one) => one[what]));
const control = (what) => median(measured.map(what));
const cores = availableParallelism();
const own = {
  wallMs: of('shopctl', 'wallMs'),
  serviceMs: of('shopctl', 'serviceMs'),
  toolMs: of('shopctl', 'toolMs'),
};
const oneServiceMs = control(({ service }) => service.wallMs);
const floorMs = Math.max(own.serviceMs / cores, shop.levels.length * oneServiceMs);
const bareWallMs = control(({ bare }) => bare.wallMs);
const nothingMs = control((one) => one.nothingMs);
const ratios = [
  ['wall / max(service CPU / cores, depth × one start)', own.wallMs / floorMs, 1.35],
  ['wall of a service start / of a bare Node that listens', own.wallMs / services.length / bareWallMs, 2.5],
  ['one service alone / a bare Node that listens', oneServiceMs / bareWallMs, 2.5],
  ['CPU of the tool / of the services', own.toolMs / own.serviceMs, 0.05],
  ['shopctl --version / node -e 0', control((one) => one.versionMs) / nothingMs, 1.4],
  ['shopctl status / node -e 0', control((one) => one.statusMs) / nothingMs, 2],
].map(([what, ratio, limit]) => ({ what, ratio, limit, holds: ratio <= limit }));
const table = wanted.map((tool) => ({
  tool,
  whole: `${starts.filter((one) => one.tool === tool && one.isWhole).length} of ${RUNS}`,
  wall_ms: Math.round(of(tool, 'wallMs')),
  services_cpu_ms: Math.round(of(tool, 'serviceMs')),
  tool_cpu_ms: Math.round(of(tool, 'toolMs')),
}));
const isFastest = table.every(
  ({ tool, wall_ms }) => ['shopctl', LEAST].includes(tool) || wall_ms > own.wallMs,
);

if (process.argv.includes('--json'))
  console.log(
    JSON.stringify({ cores, runs: RUNS, table, ratios, isFastest, starts, controls: measured }, undefined, 2),
  );
else {
  console.table(table);
  console.table(ratios.map(({ ratio, ...rest }) => ({ ...rest, ratio: ratio.toFixed(2) })));
  console.log(
    `floor ${Math.round(floorMs)} ms: ${cores} cores, depth ${shop.levels.length}, one service alone ${Math.round(oneServiceMs)} ms, bare Node ${Math.round(bareWallMs)} ms`,
  );
}
const isWhole = starts.every((one) => one.isWhole);
process.exitCode = isWhole && isFastest && ratios.every(({ holds }) => holds) ? 0 : 1;
