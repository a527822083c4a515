// Starts COUNT (200) services that do nothing but answer, and tells what shopctl itself costs meanwhile.
//   node bench/many/many.mjs            (after `npm run build`; Linux: reads /proc)
// Exit code 1 when the supervisor takes more than 10 % of one core while nothing happens, or more than 120 MB.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const COUNT = Number(process.env.COUNT ?? 200);
const IDLE_SECONDS = Number(process.env.IDLE_SECONDS ?? 30);
const FIRST_PORT = Number(process.env.FIRST_PORT ?? 32_100);
const MOST_CPU = 10;
const MOST_MB = 120;
const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const PAGE_BYTES = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }));

const shopctl = fileURLToPath(new URL('../../bin/shopctl.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'shopctl-many-'));
const run = (...args) => {
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [shopctl, ...args], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 27,
  });
  if (status !== 0) throw new Error(`shopctl ${args.join(' ')} ended with ${status}\n${stderr}`);
  return { stdout, seconds: (performance.now() - began) / 1_000 };
};

/** CPU seconds of a process so far, and the memory it holds. */
function cost(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return {
    cpu: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    mb: (pages * PAGE_BYTES) / 1e6,
  };
}

writeFileSync(
  join(folder, 'service.mjs'),
  "import { createServer } from 'node:http';\ncreateServer((_request, response) => response.end()).listen(process.env.PORT, '127.0.0.1');\n",
);
const services = Array.from({ length: COUNT }, (_, index) => {
  const needs = index < 10 ? [] : [`s${index - 10}`];
  return `  s${index}: { command: node service.mjs, port: ${FIRST_PORT + index}, needs: [${needs.join()}], ready: { http: /, timeout: 5m } }`;
});
writeFileSync(join(folder, 'e2e.config.yaml'), `services:\n${services.join('\n')}\n`);

let isGood = false;
try {
  const up = run('up', '-d', '--quiet');
  const status = run('status', '--json');
  const { supervisor, services: found } = JSON.parse(status.stdout);
  const ready = found.filter(({ state }) => state === 'ready').length;
  const before = cost(supervisor.pid);
  await sleep(IDLE_SECONDS * 1_000);
  const after = cost(supervisor.pid);
  const cpu = (100 * (after.cpu - before.cpu)) / IDLE_SECONDS;
  const down = run('down', '--quiet');
  isGood = ready === COUNT && cpu < MOST_CPU && after.mb < MOST_MB;
  console.log(`ready          ${ready} of ${COUNT} in ${up.seconds.toFixed(1)} s`);
  console.log(`start took     ${before.cpu.toFixed(1)} CPU seconds of the supervisor`);
  console.log(`idle           ${cpu.toFixed(1)} % of a core over ${IDLE_SECONDS} s (at most ${MOST_CPU})`);
  console.log(`memory         ${after.mb.toFixed(0)} MB (at most ${MOST_MB})`);
  console.log(`status, down   ${status.seconds.toFixed(1)} s, ${down.seconds.toFixed(1)} s`);
} finally {
  spawnSync(process.execPath, [shopctl, 'down', '--quiet'], { cwd: folder });
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = isGood ? 0 : 1;
