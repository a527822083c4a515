import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type Contract, loadContract } from '../../../../services/kit/contract/index.ts';
import { openStore, type Store } from '../../../../services/kit/index.ts';
import { invalidRequest, notFound, Problem, problemBody } from '../../../../services/kit/problem.ts';

/** What a service can do wrong. Without any of it, this one does everything right. */
export const vices = [
  'takes whatever it is sent',
  'stores what it then refuses',
  'logs the whole body',
  'repeats what it refuses',
  'fails with a stack trace',
  'answers with another status than the document says',
  'does not say which field is wrong',
  'answers in HTML',
  'never ends a body that is too large',
  'does not look at the content type',
  'pastes texts into SQL',
  'believes every token',
  'shows everybody everything',
  'lets everybody be an admin',
  'finds what is not there',
] as const;
export type Vice = (typeof vices)[number];

export interface NotesService {
  url: string;
  logLines: string[];
  stop(): Promise<void>;
}

interface Parts {
  store: Store;
  check: { [method: string]: ReturnType<Contract['operation']>['check'] };
  vice: Vice | undefined;
  logLines: string[];
}

/** A small service of its own making: notes in an SQLite file, described by `notes.yaml`. */
export async function startNotes(file: string, vice?: Vice): Promise<NotesService> {
  const store = await openStore({ file, migrations: [{ name: 'notes', up: makeTable }] });
  const contract = await loadContract('notes', new URL('.', import.meta.url).pathname);
  const logLines: string[] = [];
  const check = {
    POST: contract.operation('POST', '/notes').check,
    GET: contract.operation('GET', '/notes/{id}').check,
  };
  const parts = { store, check, vice, logLines };
  const server = createServer((request, response) => {
    serve(parts, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`,
    logLines,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await store.close();
    },
  };
}

async function makeTable(database: Store['read']): Promise<void> {
  await database.schema.createTable('notes', (table) => {
    table.increments('id');
    table.text('title');
    table.text('owner');
  });
  await database.schema.createTable('users', (table) => {
    table.text('name');
  });
  await database('users').insert(['admin', 'stranger', 'support'].map((name) => ({ name })));
  await database('notes').insert(['a', 'b', 'c', 'd', 'e'].map((title) => ({ title, owner: '1' })));
}

async function serve(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { vice, logLines } = parts;
  const requestId = randomUUID();
  const { method = '', url = '' } = request;
  const body = (await buffer(request)).toString();
  const { status, answer } = await answerTo(parts, request, body).then(
    (found) => ({ status: method === 'POST' ? 201 : 200, answer: found }),
    (error: unknown) => refusal(error, { vice, path: url.split('?')[0] ?? '', body }),
  );
  logLines.push(JSON.stringify({ requestId, status, ...(vice === 'logs the whole body' ? { body } : {}) }));
  const type = status < 300 ? 'application/json' : 'application/problem+json';
  response
    .writeHead(
      vice === 'answers with another status than the document says' && status === 400 ? 418 : status,
      {
        'content-type': vice === 'answers in HTML' && status > 299 ? 'text/html' : type,
        'x-request-id': requestId,
      },
    )
    .end(JSON.stringify(answer));
}

function refusal(
  error: unknown,
  { vice, path, body }: { vice: Vice | undefined; path: string; body: string },
) {
  if (!(error instanceof Problem)) throw error;
  const { status } = error.facts;
  if (vice === 'fails with a stack trace') return { status: 500, answer: { stack: error.stack } };
  const { errors, ...rest } = problemBody(error.facts, path, undefined);
  if (vice === 'does not say which field is wrong') return { status, answer: { ...rest, detail: 'No.' } };
  const repeated = vice === 'repeats what it refuses' ? { title: `Not this: ${body}` } : {};
  return { status, answer: { ...rest, ...(errors === undefined ? {} : { errors }), ...repeated } };
}

async function answerTo(parts: Parts, request: IncomingMessage, text: string): Promise<unknown> {
  const { store, check, vice } = parts;
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
  const userId = userOf(request.headers.authorization, vice);
  if (pathname === '/notes/all') return await count(store, userId, vice);
  const query = Object.fromEntries(
    [...searchParams.keys()].map((name) => {
      const all = searchParams.getAll(name);
      return [name, all.length === 1 ? all[0] : all];
    }),
  );
  const body = request.method === 'POST' ? readBody(request, text, vice) : undefined;
  if (vice === 'stores what it then refuses')
    await store.read('notes').insert({ title: 'refused', owner: userId });
  const raw = {
    path: { id: decodeURIComponent(pathname.split('/')[2] ?? '') },
    query,
    headers: request.headers,
    mediaType: 'application/json',
    body,
  };
  if (vice !== 'takes whatever it is sent') check[`${request.method}`]?.(raw);
  return body === undefined ? await find(parts, raw, userId) : await write(parts, body, userId);
}

function userOf(authorization: string | undefined, vice: Vice | undefined): string {
  const known = new Map([
    ['Bearer admin', '1'],
    ['Bearer stranger', '2'],
    ['Bearer support', '3'],
  ]);
  const userId = known.get(authorization ?? '') ?? (vice === 'believes every token' ? '1' : undefined);
  if (userId !== undefined) return userId;
  throw new Problem({ status: 401, kind: 'unauthenticated', title: 'Who?', detail: 'Say who you are.' });
}

function readBody({ headers }: IncomingMessage, text: string, vice: Vice | undefined): unknown {
  const isTooLarge = text.length > 1_000_000 && vice !== 'never ends a body that is too large';
  if (isTooLarge) throw new Problem({ status: 413, kind: 'too-large', title: 'Large', detail: 'Too large.' });
  const isJson = headers['content-type'] === 'application/json' && headers['content-encoding'] === undefined;
  if (!isJson && vice !== 'does not look at the content type')
    throw new Problem({ status: 415, kind: 'type', title: 'Type', detail: 'Send JSON.' });
  try {
    return JSON.parse(text);
  } catch {
    throw invalidRequest([{ pointer: '#', message: 'is not JSON' }]);
  }
}

async function write({ store, vice }: Parts, body: unknown, owner: string): Promise<unknown> {
  const given = typeof body === 'object' && body !== null && 'title' in body ? body.title : 'none';
  const title = String(given).slice(0, 100) || 'none';
  if (vice !== 'pastes texts into SQL') {
    const [id] = await store.read('notes').insert({ title, owner });
    return { id, title };
  }
  const statements = `insert into notes (title, owner) values ('${title}', '1')`.split(';');
  for (const statement of statements) await store.read.raw(statement).catch(() => undefined);
  return { id: 1, title };
}

async function count(store: Store, userId: string, vice: Vice | undefined): Promise<unknown> {
  if (userId !== '1' && vice !== 'lets everybody be an admin') throw forbidden();
  return Number((await store.read('notes').count({ total: '*' }))[0]?.['total']);
}

async function find(
  { store, vice }: Parts,
  { path, query }: { path: { id: string }; query: Record<string, unknown> },
  userId: string,
): Promise<unknown> {
  const note = await store.read('notes').where({ id: path.id }).first();
  if (note === undefined && vice !== 'finds what is not there') throw notFound('note', path.id);
  const isTheirs = (note?.owner ?? userId) === userId && (query['user_id'] ?? userId) === userId;
  if (!isTheirs && userId !== '1' && vice !== 'shows everybody everything') throw forbidden();
  return { id: Number(note?.id ?? 1), title: note?.title ?? 'none' };
}

function forbidden(): Problem {
  return new Problem({ status: 403, kind: 'forbidden', title: 'No', detail: 'This is not yours.' });
}
