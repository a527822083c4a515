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

/** Commands in the order of `shopctl --help`, and what adds them. */
const GROUPS = [
  { words: ['up', 'down', 'status', 'logs'], add: addTopologyCommands },
  { words: ['restart', 'stop', 'start'], add: addServiceCommands },
  { words: ['test', 'load'], add: addProvingCommands },
  { words: ['fault'], add: addFaultCommands },
  { words: ['broker'], add: addBrokerCommand },
  { words: ['queue'], add: addQueueCommands },
  { words: ['db'], add: addDb },
  { words: ['doctor'], add: addDoctor },
] as const;

/**
 * Every command of the command line; where its first word is one, only that and its neighbours. Each loads its body only
 * when it runs.
 */
export function addCommands(program: Command, run: Run, firstWord: string | undefined): void {
  const asked = GROUPS.filter(({ words }) => words.some((word) => word === firstWord));
  for (const { add } of asked.length === 0 ? GROUPS : asked) add(program, run);
}
