import type { ServiceOperation } from '../../topology/index.ts';
import type { ServiceRow } from '../status-table.ts';
import type { Key } from './keys.ts';

/** All that the live view shows, as plain data. */
export interface LiveState {
  readonly topology: string;
  /** The run was started elsewhere: leaving the view leaves it running. */
  readonly isAttached: boolean;
  /** Needs first. */
  readonly rows: readonly ServiceRow[];
  /** Its name; undefined while there is no service. */
  readonly selected: string | undefined;
  /** The only service whose log lines are shown; undefined: all. */
  readonly logsOf: string | undefined;
  readonly panel: 'none' | 'detail' | 'help';
  /** What was asked for and is not done yet, by service. */
  readonly ongoing: ReadonlyMap<string, ServiceOperation>;
  /** Why the last request was not done, until the next key. */
  readonly refusal: string | undefined;
}

/** What changes the live view. */
export type LiveEvent =
  | { readonly type: 'key'; readonly key: Key }
  | { readonly type: 'rows'; readonly rows: readonly ServiceRow[] }
  | { readonly type: 'asked'; readonly operation: ServiceOperation; readonly service: string }
  | { readonly type: 'done'; readonly service: string }
  | { readonly type: 'refused'; readonly service: string; readonly words: string };

/** What a key asks for beyond the view. */
export type Wish =
  | { readonly kind: 'operate'; readonly operation: ServiceOperation; readonly service: string }
  | { readonly kind: 'quit' }
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'suspend' };

export function initialState(facts: Pick<LiveState, 'topology' | 'isAttached' | 'rows'>): LiveState {
  return {
    ...facts,
    selected: facts.rows[0]?.name,
    logsOf: undefined,
    panel: 'none',
    ongoing: new Map(),
    refusal: undefined,
  };
}

export function reduce(state: LiveState, event: LiveEvent): LiveState {
  switch (event.type) {
    case 'key':
      return afterKey({ ...state, refusal: undefined }, event.key);
    case 'rows':
      return withRows(state, event.rows);
    case 'asked':
      return { ...state, ongoing: new Map([...state.ongoing, [event.service, event.operation]]) };
    case 'done':
      return { ...state, ongoing: without(state.ongoing, event.service) };
    case 'refused':
      return { ...state, ongoing: without(state.ongoing, event.service), refusal: event.words };
  }
}

/** What the key asks for of the run or of the terminal; undefined for one that only changes what is shown. */
export function wishOf(state: LiveState, key: Key): Wish | undefined {
  if (key === 'quit' || key === 'interrupt' || key === 'suspend') return { kind: key };
  const row = state.rows.find(({ name }) => name === state.selected);
  // A second request while one goes on would only be refused: a key held down repeats.
  if (row === undefined || state.ongoing.has(row.name)) return undefined;
  const service = row.name;
  if (key === 'restart') return { kind: 'operate', operation: 'restart', service };
  if (key !== 'stop-or-start') return undefined;
  return { kind: 'operate', operation: canBeStopped(row) ? 'stop' : 'start', service };
}

/** Otherwise it is one to start. */
export const canBeStopped = ({ state }: Pick<ServiceRow, 'state'>) =>
  state === 'ready' ||
  state === 'unhealthy' ||
  state === 'starting' ||
  state === 'restarting' ||
  state === 'stopping';

function afterKey(state: LiveState, key: Key): LiveState {
  switch (key) {
    case 'up':
      return { ...state, selected: neighbour(state, -1) };
    case 'down':
      return { ...state, selected: neighbour(state, 1) };
    case 'logs':
      return { ...state, logsOf: state.logsOf === state.selected ? undefined : state.selected };
    case 'detail':
      return { ...state, panel: state.panel === 'detail' ? 'none' : 'detail' };
    case 'help':
      return { ...state, panel: state.panel === 'help' ? 'none' : 'help' };
    case 'close':
      return { ...state, panel: 'none' };
    case 'restart':
    case 'stop-or-start':
    case 'quit':
    case 'interrupt':
    case 'suspend':
      return state;
  }
}

/** At the ends it stays where it is. */
function neighbour({ rows, selected }: LiveState, step: number): string | undefined {
  const from = rows.findIndex(({ name }) => name === selected);
  const to = Math.min(Math.max(0, from + step), rows.length - 1);
  return rows[to]?.name;
}

function withRows(state: LiveState, rows: readonly ServiceRow[]): LiveState {
  const isThere = (name: string | undefined) => rows.some((row) => row.name === name);
  return {
    ...state,
    rows,
    selected: isThere(state.selected) ? state.selected : rows[0]?.name,
    logsOf: isThere(state.logsOf) ? state.logsOf : undefined,
  };
}

function without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  return new Map([...map].filter(([name]) => name !== key));
}
