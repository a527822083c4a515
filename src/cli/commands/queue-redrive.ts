import { type Redriven, redrive, withBroker } from '../../broker/client/index.ts';
import { EXIT, type ExitCode, type Problem, ShopctlError } from '../../errors/index.ts';
import { brokerAddress } from '../broker-address.ts';
import type { CliContext } from '../context.ts';
import { writeAll } from '../log-printer.ts';
import { printable, queueName } from '../queue-words.ts';

interface RedriveCommandOptions {
  readonly count?: number;
  readonly to?: string;
}

/** Moves dead messages back and prints how many went where, and why the others stay. */
export async function queueRedrive(
  name: string,
  { count, to }: RedriveCommandOptions,
  context: CliContext,
): Promise<ExitCode> {
  const { signal, stdout, stderr, json } = context;
  const queue = queueName(name);
  const options = {
    signal,
    ...(count === undefined ? {} : { count }),
    ...(to === undefined ? {} : { to: queueName(to) }),
  };
  const address = await brokerAddress(context);
  let moved = 0;
  const done = await withBroker(address, (link) =>
    redrive(link, queue, options, () => {
      moved += 1;
    }),
  ).catch((error: unknown) => {
    if (moved > 0) stderr.write(`${messages(moved)} moved before it broke off\n`);
    throw error;
  });
  if (json) await writeAll(stdout, `${JSON.stringify(redriveDocument(queue, done))}\n`);
  else await writeAll(stdout, `${summary(queue, done)}\n`);
  const { kept } = done;
  if (kept.length === 0) return EXIT.ok;
  // With --json stdout holds one document, and that one says it all.
  if (json) return EXIT.environment;
  throw incomplete(queue, done);
}

function redriveDocument(queue: string, { ready, moved, targets, kept, remaining }: Redriven) {
  return {
    schema: 'shopctl/queue-redrive/1',
    queue,
    ready_before: ready,
    ready_after: remaining,
    moved,
    targets: [...targets].map(([target, count]) => ({ queue: target, moved: count })),
    kept: reasons(kept).map(({ reason, target, count }) => ({
      reason,
      target: target ?? null,
      messages: count,
    })),
  };
}

function summary(queue: string, { moved, targets, remaining }: Redriven): string {
  const where = [...targets].map(([target, count]) =>
    targets.size === 1 ? printable(target) : `${count} to ${printable(target)}`,
  );
  const to = where.length === 0 ? '' : ` to ${where.join(', ')}`;
  return `${messages(moved)} moved from ${printable(queue)}${to}; ${remaining} left`;
}

const messages = (count: number) => (count === 1 ? '1 message' : `${count} messages`);

interface Reason {
  readonly reason: 'no-origin' | 'unroutable' | 'nacked';
  readonly target: string | undefined;
  readonly count: number;
}

/** The same reason is told once, with how many messages have it. */
function reasons(kept: Redriven['kept']): readonly Reason[] {
  const found = new Map<string, Reason>();
  for (const one of kept) {
    const target = one.kind === 'no-origin' ? undefined : one.target;
    const key = JSON.stringify([one.kind, target]);
    found.set(key, { reason: one.kind, target, count: (found.get(key)?.count ?? 0) + 1 });
  }
  return [...found.values()];
}

function incomplete(queue: string, { kept }: Redriven): ShopctlError {
  const stay = kept.length === 1 ? '1 message stays' : `${kept.length} messages stay`;
  return new ShopctlError('redrive-incomplete', {
    message: `${stay} in \`${printable(queue)}\``,
    problems: reasons(kept).map(problemOf),
  });
}

function problemOf({ reason, target = '', count }: Reason): Problem {
  const shown = printable(target);
  switch (reason) {
    case 'no-origin':
      return {
        message: `${messages(count)}: no header says which queue it came from`,
        hint: 'say it with `--to QUEUE`',
      };
    case 'unroutable':
      return {
        message: `${messages(count)}: the queue \`${shown}\` is not there`,
        hint: 'start what consumes it, which declares it, or choose another with `--to QUEUE`',
      };
    case 'nacked':
      return {
        message: `${messages(count)}: the broker does not take it into \`${shown}\``,
        hint: 'is that queue full?',
      };
  }
}
