import { test } from 'vitest';
import { type Behaviour, examine } from './behaviour.ts';

const ready = { exitCode: 0, state: 'ready' } as const;

const behaviours: readonly Behaviour[] = [
  { title: 'takes its time', manner: 'ends-slowly', expected: { ...ready, stop: 'terminated' } },
  { title: 'ends with a code of failure', manner: 'ends-badly', expected: { ...ready, stop: 'terminated' } },
  {
    title: 'ignores SIGTERM',
    manner: 'ignores-sigterm',
    facts: { stopGraceMs: 100 },
    expected: { ...ready, stop: 'killed' },
  },
  {
    title: 'has a stubborn child in another session',
    manner: 'has-a-child-in-another-session',
    facts: { stopGraceMs: 100 },
    expected: { ...ready, stop: 'killed' },
  },
  {
    title: 'leaves a stubborn child when it is told to end',
    manner: 'comes-back-when-killed',
    facts: { stopGraceMs: 300 },
    expected: { ...ready, stop: 'killed' },
  },
  { title: 'has twenty children', manner: 'breeds', expected: { ...ready, stop: 'terminated' } },
  {
    title: 'was stopped (SIGSTOP)',
    manner: 'well',
    onceReady: async ({ pid }) => void process.kill(pid, 'SIGSTOP'),
    expected: { ...ready, stop: 'terminated' },
  },
];

test.each(behaviours)('a process to be ended that $title', examine);
