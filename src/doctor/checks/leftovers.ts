import { type LeftBehind, leftBehind } from '../../topology/index.ts';
import type { Check, Diagnosis } from '../diagnosis.ts';

export const leftovers: Check = {
  name: 'leftovers',
  look: async ({ project }) =>
    project === undefined ? [] : judgeLeftovers(await leftBehind(project.stateDir)),
};

export function judgeLeftovers({ deadSupervisor, orphans, deadClaims }: LeftBehind): Diagnosis[] {
  if (orphans.length > 0) {
    const names = orphans.map(({ service, pid }) => `${service} (pid ${pid})`).join(', ');
    return [
      {
        level: 'problem',
        message: `${names} still ${orphans.length === 1 ? 'runs' : 'run'} although nobody watches any more: shopctl was killed`,
        remedy: '`shopctl down` stops them',
      },
    ];
  }
  const pid = deadSupervisor ?? deadClaims[0];
  if (pid === undefined) return [{ level: 'ok', message: 'no run before this one has left anything behind' }];
  return [
    {
      level: 'warning',
      message: `a run that was killed (pid ${pid}) has left its ${deadSupervisor === undefined ? 'lock' : 'state'} behind; nothing of it runs`,
      remedy: '`shopctl down` clears that away',
    },
  ];
}
