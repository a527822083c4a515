import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../free-ports.ts';
import { type CliResult, type CliRun, ROOT, startCli } from './run-cli.ts';

/** The bundled shop in a folder of its own and on free ports, as its user has it otherwise. */
export interface MovedShop {
  readonly folder: string;
  /** The built CLI in that folder, on the shop's topology. */
  readonly cli: (...args: string[]) => Promise<CliResult>;
  /** Where what has this port in the documentation is. */
  readonly portFor: (documented: number) => number;
  /** Stops what runs and takes the folder away. */
  readonly remove: () => Promise<void>;
}

interface Move {
  topology: string;
  /** For every command, beside PATH, HOME and what makes passwords cheap. */
  env?: Readonly<Record<string, string>>;
  /** What the test changes in the configuration, beside the ports. */
  edit?: (config: string) => string;
  /** Folders in which the test changes something: they are copied, and the others linked. */
  changed?: readonly string[];
}

const PARTS = ['suites', 'contracts', 'dist', 'package.json', 'node_modules'];
/** Services that run from there at this moment write into it. */
const isNoCache = (path: string) => !path.endsWith('.code-cache');
/** What the hash of a password costs is tested where hashes are made (`test/services/users/passwords.test.ts`). */
const CHEAP = { PASSWORD_COST: '10' };
/** Ports that stand in the configuration as the default of a variable. */
const SMTP_PORT = 1025;
const MANAGEMENT_PORT = 15_672;

/**
 * Moves the bundled shop: somebody else may be using the documented ports at this moment. That they are the documented
 * ones is read from the configuration, by tests of their own.
 */
export async function moveShop(move: Move): Promise<MovedShop> {
  const { topology, env = {}, edit = (config) => config, changed = [] } = move;
  const folder = mkdtempSync(join(tmpdir(), 'shopctl-shop-'));
  for (const name of PARTS) {
    if (changed.includes(name))
      cpSync(join(ROOT, name), join(folder, name), { recursive: true, filter: isNoCache });
    else symlinkSync(join(ROOT, name), join(folder, name));
  }
  const config = readFileSync(join(ROOT, 'e2e.config.yaml'), 'utf8');
  const documented = [...config.matchAll(/\bport: (\d+)\b/g)].map(([, port]) => Number(port));
  const all = [...new Set([...documented, SMTP_PORT, MANAGEMENT_PORT])];
  const free = await freePorts(all.length);
  const portFor = (port: number) => {
    const moved = free[all.indexOf(port)];
    if (moved === undefined) throw new Error(`the bundled configuration has no port ${port}`);
    return moved;
  };
  const onFreePorts = config
    .replaceAll(/\bport: (\d+)\b/g, (_, port: string) => `port: ${portFor(Number(port))}`)
    // How fast this machine is at the moment is not what is tested.
    .replaceAll('ready: { notify: true }', 'ready: { notify: true, timeout: 2m }')
    .replaceAll(`\${SMTP_PORT:-${SMTP_PORT}}`, `${portFor(SMTP_PORT)}`)
    .replaceAll(`\${BROKER_MANAGEMENT_PORT:-${MANAGEMENT_PORT}}`, `${portFor(MANAGEMENT_PORT)}`);
  writeFileSync(join(folder, 'e2e.config.yaml'), edit(onFreePorts));
  const runs = new Set<CliRun>();
  const cli = async (...args: string[]) => {
    const run = startCli([...args, '--topology', topology], { cwd: folder, env: { ...CHEAP, ...env } });
    runs.add(run);
    return await run.exited.finally(() => runs.delete(run));
  };
  const remove = async () => {
    // A test that ran out of time has left its command behind.
    for (const { child, exited } of runs) {
      child.kill('SIGINT');
      await exited;
    }
    await cli('down');
    rmSync(folder, { recursive: true });
  };
  return { folder, cli, portFor, remove };
}
