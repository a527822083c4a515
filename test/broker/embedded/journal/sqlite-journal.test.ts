import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Entry, type Message, newMessage } from '../../../../src/broker/embedded/core/message.ts';
import { type JournalDatabase, openDatabase } from '../../../../src/broker/embedded/journal/database.ts';
import type { Journal } from '../../../../src/broker/embedded/journal/journal.ts';
import { openJournal } from '../../../../src/broker/embedded/journal/sqlite-journal.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shopctl-journal-'));
  file = join(folder, 'deeper', 'journal.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

let lastId = 0;
function messageOf(text: string): Message {
  const header = Buffer.concat([Buffer.from([0, 60, 0, 0]), Buffer.alloc(10)]);
  const common = { exchange: 'e', header, persistent: true, priority: 0, expirationMs: undefined };
  const body = Buffer.from(text);
  const message = newMessage({ ...common, routingKey: text, body, bodyBytes: body.length });
  lastId += 1;
  message.id = lastId;
  return message;
}

let lastPosition = 0;
function entryOf(message: Message): Entry {
  lastPosition += 1;
  return { message, position: lastPosition, expiresAtMs: undefined, stored: true, redelivered: false };
}

const flushed = (journal: Journal) => new Promise<void>((resolve) => journal.whenFlushed(resolve));

/** What the next broker finds. */
async function kept(): Promise<readonly string[]> {
  const { journal, recovered } = await openJournal(file);
  const messages = recovered.entries.map(({ entry }) => entry.message);
  const bodies = await new Promise<ReadonlyMap<number, Buffer>>((resolve) => {
    journal.readBodies(messages, resolve);
  });
  await journal.close();
  return recovered.entries.map(({ queue, entry }) => `${queue}: ${bodies.get(entry.message.id)}`);
}

describe('the journal', () => {
  it('has what was recorded before an answer, and keeps the order', async () => {
    const { journal } = await openJournal(file);
    for (const text of ['a', 'b', 'c']) journal.insert(entryOf(messageOf(text)), 'q');
    expect(journal.waitingBytes).toBeGreaterThan(0);
    await flushed(journal);
    expect(journal.waitingBytes).toBe(0);
    await journal.close();
    expect(await kept()).toEqual(['q: a', 'q: b', 'q: c']);
  });

  it('answers in the order of the questions, whatever there was to write', async () => {
    const { journal } = await openJournal(file);
    const answers: string[] = [];
    journal.insert(entryOf(messageOf('a')), 'q');
    journal.whenFlushed(() => answers.push('first'));
    // The first batch is being written, and nothing is there for a second one.
    await new Promise((resolve) => setImmediate(resolve));
    journal.whenFlushed(() => answers.push('second'));
    journal.insert(entryOf(messageOf('b')), 'q');
    journal.whenFlushed(() => answers.push('third'));
    await flushed(journal);
    journal.whenFlushed(() => answers.push('fourth, at once'));
    expect(answers).toEqual(['first', 'second', 'third', 'fourth, at once']);
    await journal.close();
  });

  it('does not write what has come and gone before the disk was asked', async () => {
    const { journal } = await openJournal(file);
    const entry = entryOf(messageOf('short-lived'));
    journal.insert(entry, 'q');
    journal.remove(entry);
    expect(journal.waitingBytes).toBe(0);
    await flushed(journal);
    await journal.close();
    expect(await kept()).toEqual([]);
  });

  it('keeps a shared message until its last entry has gone', async () => {
    const { journal } = await openJournal(file);
    const message = messageOf('shared');
    const [first, second] = [entryOf(message), entryOf(message)];
    journal.insert(first, 'one');
    journal.remove(first);
    journal.insert(second, 'two');
    await flushed(journal);
    const third = entryOf(message);
    journal.insert(third, 'three');
    journal.remove(second);
    await flushed(journal);
    await journal.close();
    expect(await kept()).toEqual(['three: shared']);
  });

  it('has only the last word on what was defined', async () => {
    const { journal } = await openJournal(file);
    const queue = { name: 'q', durable: true, exclusive: false, autoDelete: false };
    journal.define({ kind: 'queue', queue: { ...queue, arguments: { 'x-max-length': 1 } } });
    journal.forget({ kind: 'queue', queue: { ...queue, arguments: {} } });
    journal.define({ kind: 'queue', queue: { ...queue, arguments: { 'x-max-length': 2 } } });
    await journal.close();
    const { recovered, journal: next } = await openJournal(file);
    expect(recovered.definitions).toEqual([
      { kind: 'queue', queue: { ...queue, arguments: { 'x-max-length': 2 } } },
    ]);
    await next.close();
  });

  it('undoes what it could not write to the end, answers nobody any more, and says why', async () => {
    const broken = { is: false };
    const { journal, failure } = await openJournal(file, {
      open: async (path) => {
        const database = await openDatabase(path);
        return {
          ...database,
          run: (sql, parameters) => {
            const isRefused = broken.is && sql.startsWith('INSERT INTO entries');
            return isRefused
              ? Promise.reject(new Error('SQLITE_IOERR: disk I/O error'))
              : database.run(sql, parameters);
          },
        };
      },
    });
    journal.insert(entryOf(messageOf('kept')), 'q');
    await flushed(journal);
    broken.is = true;
    const answers: string[] = [];
    journal.insert(entryOf(messageOf('lost')), 'q');
    journal.whenFlushed(() => answers.push('stored'));
    const error = await failure;
    journal.whenFlushed(() => answers.push('stored'));
    await journal.close();
    expect(error).toMatchObject({
      code: 'journal-unusable',
      message: `the journal ${file} cannot be used: SQLITE_IOERR: disk I/O error`,
    });
    expect(answers).toEqual([]);
    expect(await kept()).toEqual(['q: kept']);
  });
});

describe('the journal on a full disk', () => {
  /** A journal that SQLite itself lets grow no further than it is, or without end. */
  async function openLimited() {
    let limited: JournalDatabase | undefined;
    const warnings: string[] = [];
    const opened = await openJournal(file, {
      open: async (path) => {
        limited = await openDatabase(path);
        return limited;
      },
      warn: (sentence) => warnings.push(sentence),
    });
    const limit = async (pages: number) => await limited?.run(`PRAGMA max_page_count = ${pages}`);
    return { ...opened, warnings, limit };
  }
  const large = (text: string) => messageOf(text.padEnd(200_000, '.'));
  const texts = async () => (await kept()).map((text) => text.replace(/\.+$/, ''));

  it('tells those who can be told, and writes what has happened as soon as there is room', async () => {
    const { journal, warnings, limit } = await openLimited();
    journal.insert(entryOf(messageOf('kept')), 'q');
    await flushed(journal);
    await limit(1);
    const answers: string[] = [];
    const settled = entryOf(large('settled'));
    journal.insert(settled, 'q');
    journal.whenFlushed(
      () => answers.push('confirmed'),
      () => answers.push('refused'),
    );
    const waited = flushed(journal).then(() => answers.push('waited for'));
    await expect.poll(() => answers, { timeout: 20_000 }).toEqual(['refused']);
    expect(journal.isFull).toBe(true);
    journal.whenFlushed(
      () => answers.push('confirmed'),
      () => answers.push('refused at once'),
    );
    journal.remove(settled);
    journal.insert(entryOf(large('late')), 'q');
    await limit(1_000_000);
    await waited;
    await flushed(journal);
    expect(answers).toEqual(['refused', 'refused at once', 'waited for']);
    expect(journal.isFull).toBe(false);
    expect(warnings).toEqual([
      `the journal ${file} cannot be written: the disk is full. Nothing is confirmed until there is room`,
      `the journal ${file} is written again`,
    ]);
    await journal.close();
    expect(await texts()).toEqual(['q: kept', 'q: late']);
  });

  it('closes all the same, and keeps what was on disk before', async () => {
    const { journal, warnings, limit } = await openLimited();
    const entry = entryOf(messageOf('kept'));
    journal.insert(entry, 'q');
    await flushed(journal);
    await limit(1);
    journal.remove(entry);
    journal.insert(entryOf(large('lost')), 'q');
    await journal.close();
    expect(warnings.at(-1)).toBe(
      `the journal ${file} could not be written to its end: what was not confirmed is lost`,
    );
    expect(await texts()).toEqual(['q: kept']);
  });
});
