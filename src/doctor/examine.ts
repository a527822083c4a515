import { once, setMaxListeners } from 'node:events';
import { messageOf } from '../errors/index.ts';
import { formatDuration } from '../lib/duration.ts';
import { checks } from './checks.ts';
import type { Check, Diagnosis, Scene } from './diagnosis.ts';

export interface Finding extends Diagnosis {
  /** Which check found it. */
  readonly check: string;
}

/** Far more than any check needs on a machine that is well. */
const LIMIT_MS = 10_000;
const LISTENERS = 100;

/** Looks at everything at once, and resolves to what was found in the order of the table. Changes nothing. */
export async function examine(
  scene: Scene,
  signal: AbortSignal,
  {
    table = checks,
    limitMs = LIMIT_MS,
  }: { readonly table?: readonly Check[]; readonly limitMs?: number } = {},
): Promise<Finding[]> {
  const limit = new AbortController();
  // Whatever they open listens to it, and lets go when it ends.
  setMaxListeners(LISTENERS, limit.signal);
  const isOver = AbortSignal.any([signal, limit.signal]);
  const timeUp = once(isOver, 'abort').then(() => [late(limitMs)]);
  const timer = setTimeout(() => limit.abort(), limitMs);
  try {
    const looks = table.map(({ look }) => {
      const found = look(scene, limit.signal).catch((error: unknown) => [unseen(error)]);
      return Promise.race([found, timeUp]);
    });
    const found = await Promise.all(looks);
    return found.flatMap((diagnoses, at) =>
      diagnoses.map((diagnosis) => ({ check: table[at]?.name ?? '', ...diagnosis })),
    );
  } finally {
    clearTimeout(timer);
    // Whoever is still looking is to let go of what it has opened.
    limit.abort();
  }
}

const late = (limitMs: number): Diagnosis => ({
  level: 'warning',
  message: `this could not be looked at within ${formatDuration(limitMs)}`,
  remedy: 'try again when the machine is less busy; if it stays so, something there hangs',
});

/** Not being able to look is no proof of anything. */
const unseen = (error: unknown): Diagnosis => ({
  level: 'warning',
  message: `this could not be looked at: ${messageOf(error)}`,
});
