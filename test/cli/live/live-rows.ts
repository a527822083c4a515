import { initialState, type LiveState } from '../../../src/cli/live/live-state.ts';
import type { ServiceRow } from '../../../src/cli/status-table.ts';

export const NOW_MS = Date.parse('2026-01-02T10:00:00.000Z');

/** A service that has been ready for a minute. */
export function row(name: string, facts: Partial<ServiceRow> = {}): ServiceRow {
  return {
    name,
    kind: 'own',
    state: 'ready',
    required: true,
    needs: [],
    since: new Date(NOW_MS - 60_000).toISOString(),
    port: 8001,
    pid: 4711,
    url: 'http://127.0.0.1:8001',
    uptimeMs: 61_000,
    cpuPercent: 1.25,
    rssBytes: 48_000_000,
    ...facts,
  };
}

export function stateOf(rows: readonly ServiceRow[], facts: Partial<LiveState> = {}): LiveState {
  return { ...initialState({ topology: 'shop', isAttached: false, rows }), ...facts };
}
