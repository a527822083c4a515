import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { OwnService } from '../../../src/config/project.ts';
import { ShopctlError } from '../../../src/errors/index.ts';
import type { ServiceEvent, StopOutcome } from '../../../src/model/index.ts';
import { type Clock, systemClock } from '../../../src/topology/clock.ts';
import { describeExit, isUp } from '../../../src/topology/index.ts';
import { processTable } from '../../../src/topology/platform.ts';
import type { RunningTopology } from '../../../src/topology/running-topology.ts';
import { readState, type ServiceState } from '../../../src/topology/state.ts';
import { fixture, freePort, own, pidOf, type Trial, temporaryFolder, trial, until } from '../support.ts';

/** What is there once it is ready. */
export interface Scene {
  readonly running: RunningTopology;
  readonly port: number;
  readonly pid: number;
  /** Asks it, and forgets the answer. */
  ask(path: string): Promise<void>;
  /** Waits until its end has been told. */
  ends(): Promise<void>;
  /** Waits for a state. */
  becomes(state: ServiceState): Promise<void>;
}

/** One process, what it does wrong, and all that a user gets to see of it. */
export interface Behaviour {
  readonly title: string;
  /** Argument of the fixture `misbehaves.mjs`. */
  readonly manner: string;
  readonly facts?: Partial<OwnService> & { readonly timeoutMs?: number };
  /** Before the start: somebody else on its port, say. */
  readonly before?: (port: number) => Promise<void>;
  /** While it starts, before it listens: until this file is there, it does nothing. */
  readonly gate?: (port: number) => Promise<void>;
  /** It is waited for until it has written this; then the time it has to become ready is over. */
  readonly givenUpAfter?: string;
  /** After the start. */
  readonly onceReady?: (scene: Scene) => Promise<void>;
  readonly expected: {
    /** Of `up`, and of a `status` after all that has happened. */
    readonly exitCode: 0 | 3;
    /** `never started`: its start was refused. */
    readonly state: ServiceState | 'never started';
    /** What is said of it: the error of the start, or the events since. */
    readonly says?: RegExp;
    /** How it went when it was stopped; absent where nothing was left to stop. */
    readonly stop?: StopOutcome;
  };
}

const NAME = 'shy';
/** One may have begun before what it is to see. */
const LOOKS_MORE = 1;

const hasWritten = ({ events }: Trial, text: string) =>
  events.some((event) => event.type === 'log-lines' && event.lines.some((line) => line.text.includes(text)));

/** A clock on which the time that anything may take is over as soon as something has happened, and been looked at again. */
class Patience implements Clock {
  readonly epochMs = systemClock.epochMs;
  #isOver: () => boolean = () => false;
  #looks = 0;

  endsAfter(condition: () => boolean): void {
    this.#isOver = condition;
  }

  monotonicMs(): number {
    if (this.#isOver()) this.#looks += 1;
    return systemClock.monotonicMs() + (this.#looks > LOOKS_MORE ? 3_600_000 : 0);
  }
}

/** Plays one behaviour to its end, and holds state, words, exit code and what is left against what is expected. */
export async function examine(behaviour: Behaviour): Promise<void> {
  const { manner, facts = {}, before, givenUpAfter, expected } = behaviour;
  const port = await freePort();
  const gate = join(temporaryFolder(), 'gate');
  await before?.(port);
  const command = [process.execPath, fixture('misbehaves.mjs'), manner] as const;
  const time = new Patience();
  const play = trial(
    [own(NAME, 'misbehaves.mjs', { port, command, env: { GATE: gate }, ...facts })],
    undefined,
    time,
  );
  if (givenUpAfter !== undefined) time.endsAfter(() => hasWritten(play, givenUpAfter));
  const opened = openGate(play, { port, gate, meanwhile: behaviour.gate });
  const seen = await watch(play, port, behaviour.onceReady);
  await opened;
  expect(seen).toMatchObject({ exitCode: expected.exitCode, state: expected.state, stop: expected.stop });
  if (expected.says !== undefined) expect(seen.words).toMatch(expected.says);
  await expectNothingLeft(play);
}

async function openGate(
  { events }: Trial,
  { port, gate, meanwhile }: { port: number; gate: string; meanwhile: Behaviour['gate'] },
): Promise<void> {
  if (meanwhile === undefined) return;
  await until('it is starting', () => events.some(({ type }) => type === 'service-starting'));
  await meanwhile(port);
  writeFileSync(gate, '');
}

async function watch(play: Trial, port: number, onceReady: Behaviour['onceReady']) {
  let running: RunningTopology;
  try {
    running = await play.start();
  } catch (error) {
    if (!(error instanceof ShopctlError)) throw error;
    const state = readState(play.plan.stateDir)?.services[0]?.state;
    const problems = error.problems.map(({ message, hint }) => `${message}\n${hint}`);
    const words = [error.message, error.hint, error.detail, ...problems].join('\n');
    const stopped = play.events.find(({ type }) => type === 'service-stopped');
    return { exitCode: error.exitCode, state: state ?? 'never started', words, stop: howOf(stopped) };
  }
  const find = () => running.services().find(({ name }) => name === NAME);
  await onceReady?.({
    running,
    port,
    pid: pidOf(running, NAME),
    ask: async (path) => {
      await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
    },
    ends: () => until('its end was told', () => play.events.some(({ type }) => type === 'service-exited')),
    becomes: (state) => until(`it is ${state}`, () => find()?.state === state),
  });
  const status = find();
  const words = play.events.flatMap(wordsOf).join('\n');
  const exitCode = status !== undefined && isUp(status) ? 0 : 3;
  const [stopped] = await running.stop();
  return { exitCode, state: status?.state, words, stop: stopped?.how };
}

const howOf = (event: ServiceEvent | undefined) =>
  event?.type === 'service-stopped' ? event.how : undefined;

function wordsOf(event: ServiceEvent): string[] {
  if (event.type === 'service-exited') return [describeExit(event.exit), ...event.lastLines];
  if (event.type === 'service-unhealthy') return [event.message];
  return event.type === 'log-lines' ? event.lines.map(({ text }) => text) : [];
}

/** No process of the run, wherever it went, and no pid on disk that somebody could take for one. */
async function expectNothingLeft({ plan }: Pick<Trial, 'plan'>): Promise<void> {
  const state = readState(plan.stateDir);
  if (state === undefined) return;
  const table = processTable();
  const alive = async () => {
    const bearers = await table.bearers(state.run);
    const entries = await Promise.all(bearers.map((pid) => table.find(pid)));
    return entries.filter((entry) => entry !== undefined && !entry.zombie);
  };
  expect(await alive()).toEqual([]);
  expect(state.services.map(({ pid }) => pid)).toEqual(state.services.map(() => undefined));
  expect(state.phase).toBe('stopped');
}
