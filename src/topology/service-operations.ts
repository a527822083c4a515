import { ShopctlError } from '../errors/index.ts';
import { didYouMean } from '../source/index.ts';
import { dependantsOf, isUp, lastingNeeds } from './dependants.ts';
import { startInOrder, stopInOrder } from './service-order.ts';
import type { ServiceRun } from './service-run.ts';

/** What can be asked of single services while the others go on. */
export type ServiceOperation = 'restart' | 'stop' | 'start';

export interface OperationSurroundings {
  /** Needs first. */
  readonly runs: ReadonlyMap<string, ServiceRun>;
  readonly topology: string;
  readonly hurry: AbortSignal | undefined;
  /** @throws ShopctlError `service-busy` when nothing of the kind can be done at this time */
  readonly refuseUntimely: () => void;
}

interface Ongoing {
  readonly operation: ServiceOperation;
  readonly done: Promise<void>;
}

const GERUND = { restart: 'restarted', stop: 'stopped', start: 'started' } as const;

/**
 * Restarts, stops and starts single services by request. Each service takes part in one operation at a time: the same
 * request again joins the one that goes on, another one is refused.
 */
export class ServiceOperations {
  readonly #around: OperationSurroundings;
  readonly #ongoing = new Map<string, Ongoing>();
  /** Settles when a service that is being started has come, or has failed to. */
  readonly #coming = new Map<string, Promise<void>>();

  constructor(around: OperationSurroundings) {
    this.#around = around;
  }

  /**
   * Resolves when it is done. @throws ShopctlError `usage` for a name that is not there or runs elsewhere, `service-busy`,
   * and what a start throws
   */
  async perform(operation: ServiceOperation, asked: readonly string[]): Promise<void> {
    this.#around.refuseUntimely();
    const names = this.#withReplicas(asked);
    const runs = this.#runsOf(names);
    const same = names.map((name) => this.#ongoing.get(name));
    if (same.every((ongoing) => ongoing?.operation === operation)) {
      await Promise.all(same.map((ongoing) => ongoing?.done));
      return;
    }
    const busy = names.find((name) => this.#ongoing.has(name));
    if (busy !== undefined) throw serviceBusy(busy, this.#ongoing.get(busy)?.operation ?? operation);
    const done = this.#carryOut(operation, runs);
    for (const name of names) this.#ongoing.set(name, { operation, done });
    try {
      await done;
    } finally {
      for (const name of names) this.#ongoing.delete(name);
    }
  }

  /** Settles when no operation on this service goes on. */
  async settled(name: string): Promise<void> {
    await this.#ongoing.get(name)?.done.catch(() => undefined);
  }

  async #carryOut(operation: ServiceOperation, runs: readonly ServiceRun[]): Promise<void> {
    const { hurry } = this.#around;
    if (operation === 'stop') return refuseSurvivors(await stopInOrder(runs, hurry));
    const wanted = operation === 'restart' ? runs : runs.filter((run) => !hasProcess(run));
    for (const run of wanted) this.#requireNeeds(run, wanted);
    // What is started also has to let go of what an end of its own has left.
    const stopped = stopInOrder(wanted, hurry).then(refuseSurvivors);
    const starts = startInOrder(wanted, async (run) => {
      await stopped;
      await this.#awaitNeeds(run, wanted);
    });
    for (const [name, coming] of starts) this.#coming.set(name, coming);
    const outcomes = await Promise.allSettled(starts.values());
    for (const name of starts.keys()) this.#coming.delete(name);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** Who names a service with replicas means all of them, and the edge before them. */
  #withReplicas(names: readonly string[]): string[] {
    const specs = [...this.#around.runs.values()].map(({ spec }) => spec);
    const replicas = specs.flatMap((spec) =>
      spec.kind === 'own' && spec.replicaOf !== undefined && names.includes(spec.replicaOf)
        ? [spec.name]
        : [],
    );
    return [...new Set([...names, ...replicas])];
  }

  #runsOf(names: readonly string[]): ServiceRun[] {
    const { runs, topology } = this.#around;
    for (const name of names) {
      const run = runs.get(name);
      if (run === undefined) throw notThere(name, topology, [...runs.keys()]);
      if (run.spec.kind === 'foreign') throw runsElsewhere(name);
    }
    return [...runs.values()].filter(({ spec }) => names.includes(spec.name));
  }

  /** Asked before anything is stopped: a service that cannot be started again had better go on. */
  #requireNeeds(run: ServiceRun, besides: readonly ServiceRun[]): void {
    for (const need of run.spec.needs) {
      const isComing = besides.some(({ spec }) => spec.name === need) || this.#coming.has(need);
      if (!isComing) this.#refuseMissing(run, need);
    }
  }

  /** A need outside of this operation may be part of another one. */
  async #awaitNeeds(run: ServiceRun, besides: readonly ServiceRun[]): Promise<void> {
    for (const need of run.spec.needs) {
      if (besides.some(({ spec }) => spec.name === need)) continue;
      // Its start, not all of its operation: two operations that waited for each other would wait for ever.
      await this.#coming.get(need)?.catch(() => undefined);
      this.#refuseMissing(run, need);
    }
  }

  #refuseMissing(run: ServiceRun, need: string): void {
    const needed = this.#around.runs.get(need);
    if (needed === undefined || isUp(needed.status) || needed.status.state === 'unhealthy') return;
    if (!lastingNeeds(run.spec).includes(need)) return;
    throw needAway(run.spec.name, need, needed.status.state);
  }
}

/** These and whoever needs one of them. */
export function withDependants(names: readonly string[], runs: ReadonlyMap<string, ServiceRun>): string[] {
  const specs = [...runs.values()].map(({ spec }) => spec);
  const foreign = new Set(specs.filter(({ kind }) => kind === 'foreign').map(({ name }) => name));
  return [...names, ...dependantsOf(names, specs).filter((name) => !foreign.has(name))];
}

const hasProcess = ({ status: { state } }: ServiceRun) =>
  state === 'ready' || state === 'unhealthy' || state === 'starting';

function refuseSurvivors(survivors: readonly string[]): void {
  if (survivors.length === 0) return;
  throw new ShopctlError('stop-incomplete', { message: `not even SIGKILL ended ${survivors.join(', ')}` });
}

function notThere(name: string, topology: string, known: readonly string[]): ShopctlError {
  const near = didYouMean(name, known);
  return new ShopctlError('usage', {
    message: `no service ${name} runs with the topology ${topology}`,
    hint: near === undefined ? `it has ${known.join(', ')}` : `did you mean ${near}?`,
  });
}

const runsElsewhere = (name: string) =>
  new ShopctlError('usage', {
    message: `${name} runs elsewhere: shopctl neither starts nor stops it`,
    hint: 'restart it where it was started',
  });

const serviceBusy = (name: string, operation: ServiceOperation) =>
  new ShopctlError('service-busy', {
    message: `${name} is being ${GERUND[operation]} at this moment`,
    hint: 'try again when that is done: `shopctl status`',
  });

const needAway = (name: string, need: string, state: string) =>
  new ShopctlError('service-failed', {
    message: `${name} cannot start: it needs ${need}, which is ${state}`,
    hint: `start both: \`shopctl start ${need} ${name}\``,
  });
