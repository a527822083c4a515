import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bin = (name) => fileURLToPath(new URL(`node_modules/.bin/${name}`, import.meta.url));
const quoted = (words) => words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
// The services listen when they are ready; to have their health asked besides would cost each of them a request.
const target = (service) => `tcp:127.0.0.1:${service.port}`;
// As often as shopctl asks what does not notify; the usual 250 ms would cost a second more.
const waitOn = (services) =>
  quoted([bin('wait-on'), '--interval', '25', '--window', '0', ...services.map(target)]);

/** A service as a shell starts it: its settings are in a file, so that no tool has to quote them. */
function scriptOf(service, folder) {
  mkdirSync(join(folder, 'run'), { recursive: true });
  const file = join(folder, 'run', `${service.name}.sh`);
  const settings = Object.entries({ ...service.env, PORT: String(service.port) }).map(
    ([name, value]) => `export ${name}=${quoted([value])}`,
  );
  const lines = ['#!/bin/sh', ...settings, `cd ${quoted([folder])}`, `exec ${quoted(service.command)}`];
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o755 });
  return file;
}

/** No tool for anybody, but what each tool in Node spends at least. */
export const LEAST = 'spawn, and no more';

/** Every tool starts the same services in the same order of needs. `start` answers how to stop it. */
export const tools = {
  shopctl: ({ folder, env }) =>
    foreground(process.execPath, ['bin/shopctl.js', 'up', '--quiet'], { folder, env }),

  [LEAST]: ({ folder, services, env }) => {
    const file = join(folder, 'least.json');
    const facts = services.map(({ name, needs, command, env: own, port }) => {
      return { name, needs, command, cwd: folder, env: own, port };
    });
    writeFileSync(file, JSON.stringify(facts));
    return foreground(process.execPath, [fileURLToPath(new URL('least.cjs', import.meta.url)), file], {
      folder,
      env,
    });
  },

  'concurrently + wait-on': ({ folder, services, env }) => {
    // What begins and ends with a quote loses both to concurrently.
    const commands = services.map((service) => {
      const needed = services.filter(({ name }) => service.needs.includes(name));
      const script = quoted([scriptOf(service, folder)]);
      return needed.length === 0 ? `exec ${script}` : `: && ${waitOn(needed)} && exec ${script}`;
    });
    return foreground(bin('concurrently'), ['--raw', ...commands], { folder, env });
  },

  // One inside the other, because it waits for one server at a time.
  'start-server-and-test': ({ folder, services, env }) => {
    let inner = 'sleep 1000';
    for (const service of [...services].reverse()) {
      const file = join(folder, `sst-${service.name}.sh`);
      const url = target(service);
      const words = [bin('start-server-and-test'), scriptOf(service, folder), url, inner];
      writeFileSync(file, `#!/bin/sh\nexec ${quoted(words)}\n`, { mode: 0o755 });
      inner = file;
    }
    return foreground(inner, [], { folder, env: { ...env, WAIT_ON_INTERVAL: '25' } });
  },

  'pm2 + wait-on': ({ folder, levels, env }) => {
    const withHome = { ...env, PM2_HOME: join(folder, 'pm2') };
    const steps = levels.map((level) => {
      const starts = level.map((service) => scriptOf(service, folder));
      const apps = join(folder, `pm2-${level[0].name}.json`);
      const entries = starts.map((script, index) => ({
        name: level[index].name,
        script,
        interpreter: 'none',
      }));
      writeFileSync(apps, JSON.stringify({ apps: entries }));
      return `${quoted([bin('pm2'), 'start', apps])} && ${waitOn(level)}`;
    });
    const all = spawn('sh', ['-c', steps.join(' && ')], { cwd: folder, env: withHome, stdio: 'ignore' });
    return async () => {
      all.kill();
      spawnSync(bin('pm2'), ['kill'], { env: withHome, stdio: 'ignore' });
    };
  },
};

function foreground(program, args, { folder, env }) {
  const child = spawn(program, args, { cwd: folder, env, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return async () => {
    child.kill('SIGINT');
    await ended;
  };
}

/** The pids that shopctl itself names, while it runs. */
export function stateOf(folder) {
  const file = join(folder, '.shopctl/state.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}
