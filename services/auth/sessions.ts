import { randomUUID } from 'node:crypto';
import {
  type Clock,
  type Listed,
  notFound,
  type Page,
  type Store,
  type Transaction,
  timestamp,
} from '../kit/index.ts';
import { refreshTokenRefused, refreshTokenReused, tokenUnknown } from './refusals.ts';
import type { SessionRow, SessionStore } from './store.ts';
import type { ReadToken, Tokens } from './tokens.ts';

/** A session that is not refreshed for so long is over. */
const sessionMs = 7 * 24 * 3_600_000;

/** What a login or a refresh gives. */
export interface Granted {
  access_token: string;
  refresh_token: string;
  token_type: 'Bearer';
  /** Seconds. */
  expires_in: number;
  session_id: string;
}

/** What a token is worth now. */
export type Verdict =
  | { valid: true; token: ReadToken }
  | { valid: false; reason: 'invalid' | 'expired' | 'revoked' };

/** The rules of sessions. Errors that callers may see are `Problem`s. */
export interface Sessions {
  start(userId: string, roles: readonly string[]): Promise<Granted>;
  /** Changes a refresh token for new tokens. One that was changed before ends the session: somebody else has it. */
  refresh(token: string): Promise<Granted>;
  validate(token: string): Promise<Verdict>;
  /** Ends the session of an access or refresh token, even an expired one; ending it again changes nothing. */
  logout(token: string): Promise<string>;
  /** Ends one session of a user (404 when there is no such) or all; answers how many have ended by it. */
  end(userId: string, sessionId: string | undefined): Promise<number>;
  /** Ends the sessions of a user that give other roles than these. */
  endUnlike(userId: string, roles: readonly string[], transaction: Transaction): Promise<void>;
  list(userId: string, page: Page): Promise<Listed<SessionRow>>;
}

interface SessionsParts {
  store: Store;
  rows: SessionStore;
  tokens: Tokens;
  clock: Clock;
  /** How long an access token of a user is good, in seconds. */
  tokenSeconds: number;
}

export function createSessions(parts: SessionsParts): Sessions {
  const { store, rows, tokens, clock, tokenSeconds } = parts;
  const end = (transaction: Transaction, which: { id: string } | { user_id: string }) =>
    rows.end(transaction, which, {
      ended_at: timestamp(clock),
      forget_at_ms: clock.now() + tokenSeconds * 1_000,
    });
  return {
    start: (userId, roles) => start(parts, userId, roles),
    refresh: async (token) => {
      const presented = tokens.readRefresh(token);
      if (presented === undefined) throw refreshTokenRefused();
      const session = await store.transaction(async (transaction) => {
        const advanced = await rows.advance(transaction, presented, {
          ...lifetime(parts),
          nowMs: clock.now(),
        });
        if (advanced !== undefined) return advanced;
        const known = await rows.findIn(transaction, presented.id);
        // What was changed before and comes again was stolen, by the one or by the other.
        const isReuse =
          known !== undefined && known.ended_at === null && presented.generation < known.generation;
        if (isReuse) await end(transaction, { id: known.id });
        return isReuse ? 'reused' : undefined;
      });
      if (session === 'reused') throw refreshTokenReused();
      if (session === undefined) throw refreshTokenRefused();
      return await grant(parts, session);
    },
    validate: (token) => validate(parts, token),
    logout: async (token) => {
      const id = tokens.readRefresh(token)?.id ?? (await tokens.readAccess(token))?.identity.sessionId;
      if (id === undefined) throw tokenUnknown();
      await store.transaction((transaction) => end(transaction, { id }));
      return id;
    },
    end: async (userId, sessionId) => {
      if (sessionId === undefined)
        return await store.transaction((transaction) => end(transaction, { user_id: userId }));
      const session = await rows.find(sessionId);
      if (session?.user_id !== userId) throw notFound('session', sessionId);
      return await store.transaction((transaction) => end(transaction, { id: sessionId }));
    },
    endUnlike: async (userId, wanted, transaction) => {
      for (const { id, roles } of await rows.listLasting(transaction, userId)) {
        if (!isSameRoles(JSON.parse(roles), wanted)) await end(transaction, { id });
      }
    },
    list: rows.listOfUser,
  };
}

function isSameRoles(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((role) => others.includes(role));
}

function lifetime({ clock, tokenSeconds }: SessionsParts) {
  const expiresAtMs = clock.now() + sessionMs;
  return {
    refreshed_at: timestamp(clock),
    expires_at_ms: expiresAtMs,
    forget_at_ms: expiresAtMs + tokenSeconds * 1_000,
  };
}

async function start(parts: SessionsParts, userId: string, roles: readonly string[]) {
  const { store, rows, clock } = parts;
  const session: SessionRow = {
    ...lifetime(parts),
    id: randomUUID(),
    user_id: userId,
    roles: JSON.stringify(roles),
    generation: 1,
    created_at: timestamp(clock),
    ended_at: null,
  };
  await store.transaction(async (transaction) => {
    // Whoever adds a row takes the old ones away, so that there are never more than the lifetimes allow.
    await rows.forgetOld(transaction, clock.now());
    await rows.insert(transaction, session);
  });
  return await grant(parts, session);
}

async function grant({ tokens, tokenSeconds }: SessionsParts, session: SessionRow): Promise<Granted> {
  const { id, generation, user_id: sub } = session;
  const roles: string[] = JSON.parse(session.roles);
  return {
    access_token: await tokens.access({ sub, roles, sid: id, seconds: tokenSeconds }),
    refresh_token: tokens.refresh({ id, generation }),
    token_type: 'Bearer',
    expires_in: tokenSeconds,
    session_id: id,
  };
}

async function validate({ rows, tokens }: SessionsParts, text: string): Promise<Verdict> {
  const token = await tokens.readAccess(text);
  if (token === undefined) return { valid: false, reason: 'invalid' };
  if (token.isExpired) return { valid: false, reason: 'expired' };
  if (token.identity.kind === 'service') return { valid: true, token };
  const session = await rows.find(token.identity.sessionId ?? '');
  // A session that is not known any more has ended long ago.
  if (session === undefined || session.ended_at !== null) return { valid: false, reason: 'revoked' };
  return { valid: true, token };
}
