// Runs the checks of package.json side by side, as many at once as there are processors: npm run check
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** The longest first, so that at the end none is left alone. */
const checks = ['check:types', 'check:format', 'check:schemas', 'check:imports', 'check:unused'];

const waiting = [...checks];
const failed = [];
const lanes = Array.from({ length: Math.min(availableParallelism(), checks.length) }, async () => {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const { code, output } = await run(name);
    // In one piece, or the words of several would be mixed.
    process.stdout.write(output);
    if (code !== 0) failed.push(name);
  }
});
await Promise.all(lanes);

if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** How a script of package.json ended, and all that it said. */
function run(name) {
  // On Windows npm is a batch file, which only a shell starts.
  const shell = process.platform === 'win32';
  const child = spawn('npm', ['run', name], { stdio: ['ignore', 'pipe', 'pipe'], shell });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
