import type { Command } from 'commander';
import type { Run } from '../run.ts';
import { addBrokerCommand } from './broker-command.ts';
import { addDb } from './db-command.ts';
import { addDoctor } from './doctor-command.ts';
import { addFaultCommands } from './fault-commands.ts';
import { addProvingCommands } from './proving-commands.ts';
import { addQueueCommands } from './queue-commands.ts';
import { addServiceCommands } from './service-commands.ts';
import { addTopologyCommands } from './topology-commands.ts';

/** Every command of the command line, in the order of `shopctl --help`. Each loads its body only when it runs. */
export function addCommands(program: Command, run: Run): void {
  addTopologyCommands(program, run);
  addServiceCommands(program, run);
  addProvingCommands(program, run);
  addFaultCommands(program, run);
  addBrokerCommand(program, run);
  addQueueCommands(program, run);
  addDb(program, run);
  addDoctor(program, run);
}
