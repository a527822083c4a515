import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadProject } from '../../dist/src/config/index.js';
import { environment } from './costs.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The bundled shop with data of its own, on its documented ports, simulation on. */
export function openShop() {
  const folder = mkdtempSync(join(tmpdir(), 'shopctl-startup-'));
  for (const part of ['bin', 'dist', 'contracts', 'suites', 'node_modules', 'package.json', 'schemas'])
    symlinkSync(join(root, part), join(folder, part));
  const file = join(folder, 'e2e.config.yaml');
  writeFileSync(file, readFileSync(join(root, 'e2e.config.yaml')));
  const program = [process.execPath, join(folder, 'bin/shopctl.js')];
  const { services } = loadProject({ file, cwd: folder, env: { ...environment, SIMULATE: 'on' }, program });
  return { folder, services, levels: levelsOf(services), close: () => rmSync(folder, { recursive: true }) };
}

/** Services by how many others have to be ready before them, one after the other. */
function levelsOf(services) {
  const depths = new Map();
  // The project lists needs first.
  for (const { name, needs } of services)
    depths.set(name, 1 + Math.max(0, ...needs.map((need) => depths.get(need))));
  return Array.from({ length: Math.max(...depths.values()) }, (_, at) =>
    services.filter(({ name }) => depths.get(name) === at + 1),
  );
}

/** Whether a service answers at this moment. */
export async function answers(service) {
  if (service.name === 'broker') return await connects(service.port);
  return await fetch(`http://127.0.0.1:${service.port}/healthz`, { headers: { connection: 'close' } }).then(
    ({ ok }) => ok,
    () => false,
  );
}

function connects(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
