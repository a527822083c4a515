// A service writes numbered lines at a high rate, and `shopctl logs -f` follows it through rotation into a pipe: does every
// line arrive, once and in order, and does memory stay flat? Memory of the supervisor and of the follower is sampled from
// /proc twice a second; "flat" compares the last third of the samples with the middle one, when both are warm.
//
//   npm run build && node bench/logs/follow.mjs [--rate 50000] [--seconds 10] [--raw]
//
// Ends with 1 when a line is lost, doubled or out of order, or when memory has grown by more than a third.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '50000' },
    seconds: { type: 'string', default: '10' },
    raw: { type: 'boolean', default: false },
  },
});
const BIN = fileURLToPath(new URL('../../bin/shopctl.js', import.meta.url));
const WRITER = fileURLToPath(new URL('writer.mjs', import.meta.url));
const SAMPLE_MS = 500;

const folder = mkdtempSync(join(tmpdir(), 'shopctl-bench-'));
const config = {
  name: 'bench',
  services: {
    writer: { command: [process.execPath, WRITER], env: { RATE: values.rate, SECONDS: values.seconds } },
  },
  logs: { max: '5MB', keep: 30 },
};
// JSON is YAML.
writeFileSync(join(folder, 'e2e.config.yaml'), JSON.stringify(config));
const shopctl = (...args) => [process.execPath, [BIN, ...args], { cwd: folder }];

const follower = spawn(...shopctl('logs', '-f', ...(values.raw ? ['--raw'] : [])));
follower.stderr.pipe(process.stderr);
const samples = { supervisor: [], follower: [] };
let sampling;
try {
  const counted = countLines(follower.stdout);
  spawnSync(...shopctl('up', '-d'));
  const { supervisor } = JSON.parse(spawnSync(...shopctl('status', '--json')).stdout);
  sampling = setInterval(() => {
    samples.supervisor.push(residentMb(supervisor.pid));
    samples.follower.push(residentMb(follower.pid));
  }, SAMPLE_MS);
  const { arrived, wrong, end } = await counted;
  clearInterval(sampling);
  report({ arrived, wrong, end });
} finally {
  clearInterval(sampling);
  follower.kill('SIGINT');
  spawnSync(...shopctl('down'));
  rmSync(folder, { recursive: true });
}

/** Resolves at the writer's last line. */
async function countLines(stream) {
  let arrived = 0;
  let wrong = 0;
  for await (const line of createInterface({ input: stream })) {
    const [, word, number] = /(line|end) (\d+)/.exec(line) ?? [];
    if (word === 'end') return { arrived, wrong, end: line };
    if (Number(number) !== arrived) wrong += 1;
    arrived += 1;
  }
  throw new Error('the follower ended before the writer did');
}

function residentMb(pid) {
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1_000;
}

function report({ arrived, wrong, end }) {
  const due = Number(values.rate) * Number(values.seconds);
  const files = readdirSync(join(folder, '.shopctl', 'logs')).length;
  console.log(
    `lines      ${arrived} of ${due}, ${wrong} out of order; ${files} files; the writer said: ${end.trim()}`,
  );
  let isFlat = true;
  for (const [name, all] of Object.entries(samples)) {
    const third = Math.floor(all.length / 3);
    const [middle, last] = [median(all.slice(third, 2 * third)), median(all.slice(2 * third))];
    isFlat &&= last <= (middle * 4) / 3;
    console.log(
      `${name.padEnd(10)} RSS ${middle.toFixed(0)} MB, then ${last.toFixed(0)} MB, at most ${Math.max(...all).toFixed(0)} MB`,
    );
  }
  if (arrived !== due || wrong > 0 || !isFlat) process.exitCode = 1;
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
