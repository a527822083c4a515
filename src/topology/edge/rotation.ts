import { Agent } from 'node:http';
import type { EdgeSettings } from '../../config/edge-settings.ts';
import type { OwnService } from '../../config/project.ts';
import { pause } from '../pause.ts';
import { http } from '../probes/http.ts';
import { describeSight } from '../probes/sight.ts';
import { tcp } from '../probes/tcp.ts';

/** One of the processes behind an edge. */
export interface Member {
  readonly name: string;
  readonly port: number;
  /** Where it was last seen. */
  readonly address: string;
  /** Its kept connections. */
  readonly agent: Agent;
}

interface Seat extends Member {
  address: string;
  isIn: boolean;
}

export interface Rotation {
  /** Whose turn it is among those that are ready; undefined when all of them are in `tried` or out. */
  next(tried?: ReadonlySet<Member>): Member | undefined;
  /** It refused a connection: it gets no more until it answers its probe again. */
  refused(member: Member): void;
  /** Resolves when each of them has been asked once. */
  readonly asked: Promise<unknown>;
  close(): void;
}

/** One that is in is asked so much less often: if it is gone, the next request finds out. */
const CALM = 4;

/** A connection that is not used so long is given up before the member does, which would meet a request with its end. */
const IDLE_MS = 1_000;

/** Lets the ready ones of the members take turns, and asks each of them all the time whether it is ready. */
export function startRotation(settings: EdgeSettings, log: (line: string) => void): Rotation {
  const { service, members, everyMs } = settings;
  const seats = members.map(
    (member): Seat => ({
      ...member,
      address: '127.0.0.1',
      agent: new Agent({ keepAlive: true, timeout: IDLE_MS }),
      isIn: false,
    }),
  );
  const closing = new AbortController();
  const place = (seat: Seat, isIn: boolean, why: string) => {
    if (seat.isIn === isIn) return;
    seat.isIn = isIn;
    const ready = seats.filter((one) => one.isIn).length;
    log(`${seat.name} is ${isIn ? 'in' : 'out'}: it ${why} (${ready} of ${seats.length} ready)`);
  };
  const ask = async (seat: Seat) => {
    const sight = await lookOnce(seat, settings, closing.signal);
    if (sight === undefined) return;
    if (sight.kind === 'answers') seat.address = sight.address ?? seat.address;
    place(seat, sight.kind === 'answers', describeSight(sight));
  };
  const watch = async (seat: Seat) => {
    while (!closing.signal.aborted) {
      await pause(seat.isIn ? CALM * everyMs : everyMs, closing.signal);
      await ask(seat);
    }
  };
  const asked = Promise.all(seats.map(ask));
  void asked.then(() => Promise.all(seats.map(watch)));
  log(`${service} stands before ${members.map(({ name }) => name).join(', ')}`);
  let turn = 0;
  return {
    asked,
    next: (tried) => {
      for (let step = 0; step < seats.length; step += 1) {
        const seat = seats[(turn + step) % seats.length];
        if (seat === undefined || !seat.isIn || tried?.has(seat)) continue;
        turn = (turn + step + 1) % seats.length;
        return seat;
      }
      return undefined;
    },
    refused: (member) => {
      const seat = seats.find(({ name }) => name === member.name);
      if (seat !== undefined) place(seat, false, 'refused a connection');
    },
    close: () => {
      closing.abort();
      for (const { agent } of seats) agent.destroy();
    },
  };
}

/** Undefined when it was given up. */
async function lookOnce({ name, port }: Member, settings: EdgeSettings, signal: AbortSignal) {
  const { probe: kind, timeoutMs, everyMs } = settings;
  const spec: OwnService = {
    ...{
      kind: 'own',
      name,
      port,
      needs: [],
      required: true,
      command: [name],
      cwd: '/',
      env: {},
      stopGraceMs: 0,
    },
    ready: { probe: kind, timeoutMs, everyMs },
  };
  try {
    const look = { spec, timeoutMs, signal, run: '' };
    return await (kind.kind === 'http' ? http.look(kind, look) : tcp.look(kind, look));
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
