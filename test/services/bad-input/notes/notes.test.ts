import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import { loadContract } from '../../../../src/contract/openapi/load.ts';
import { withValidators } from '../../../../src/contract/service.ts';
import { temporaryFolder } from '../../start-service.ts';
import { unbounded } from '../bounds.ts';
import { describeOperations } from '../described.ts';
import { badKinds } from '../kinds.ts';
import { createRefusals } from '../refusals.ts';
import { openStores } from '../stores.ts';
import { badServices, badTokens, type People } from '../tokens.ts';
import { startNotes, type Vice, vices } from './notes-service.ts';

// The whole table each time, on a machine that may have other things to do.
vi.setConfig({ testTimeout: 240_000 });

const document = fileURLToPath(new URL('notes.yaml', import.meta.url));

const people: People = {
  admin: 'Bearer admin',
  support: 'Bearer support',
  stranger: 'Bearer stranger',
  asService: () => 'Basic bm90ZXM6',
  bad: new Map([...badTokens, ...badServices].map((what) => [what, `Bearer ${encodeURIComponent(what)}`])),
};

async function operationsOf(file: string, baseUrl: string) {
  const service = withValidators({ name: 'notes', baseUrl, contract: await loadContract(file, '/') });
  return describeOperations([service], service);
}

/** What the whole table finds wrong with the notes service, as one text. */
async function findingsOf(vice: Vice | undefined): Promise<string> {
  const folder = await temporaryFolder();
  onTestFinished(async () => await rm(folder, { recursive: true }));
  const file = join(folder, 'notes.db');
  const notes = await startNotes(file, vice);
  const stores = await openStores(new Map([['notes', file]]));
  const refusals = createRefusals({ people, stores, logLines: notes.logLines });
  const findings: string[] = [];
  for (const described of await operationsOf(document, notes.url)) {
    for (const kind of badKinds) {
      const violations = await refusals.violations(described, kind.casesOf(described), notes.url);
      findings.push(
        ...[...violations, ...(await refusals.leaks())].map((found) => `${kind.title}: ${found}`),
      );
    }
  }
  await refusals.close();
  await stores.close();
  await notes.stop();
  return findings.join('\n');
}

it('finds nothing wrong with a service that does everything right', async () => {
  expect(await findingsOf(undefined)).toBe('');
});

const telling: Record<Vice, RegExp> = {
  'takes whatever it is sent': /members that nobody knows: #\/isAdmin: 201 instead of 400/,
  'stores what it then refuses': /refused with 400, but stored: notes: table notes/,
  'logs the whole body': /a password was logged/,
  'repeats what it refuses': /the answer repeats a refused value/,
  'fails with a stack trace': /500 instead of 400(.|\n)*the answer tells of the inside/,
  'answers with another status than the document says': /documents no|418/,
  'does not say which field is wrong': /the answer names nothing, not #\/title/,
  'answers in HTML': /the answer is text\/html, no problem document/,
  'never ends a body that is too large': /bodies of more than 1 MB: too large: 400 instead of 413/,
  'does not look at the content type': /text\/plain: 201 instead of 415/,
  'pastes texts into SQL': /table users lost its definition or all of its rows/,
  'believes every token': /an expired token: 200 instead of 401/,
  'shows everybody everything': /another customer: query\/user_id of alice: 200 instead of 403 or 404/,
  'lets everybody be an admin': /too low a role: customer: 200 instead of 403/,
  'finds what is not there': /ids that nothing has: path\/id: 200 instead of 404/,
};

it.each(vices)('reports a service that %s', async (vice) => {
  expect(await findingsOf(vice)).toMatch(telling[vice]);
});

it.each([
  [', maxLength: 100, pattern', ', pattern', '#/title: a text has no greatest length'],
  [
    ", maxLength: 100, pattern: '^\\P{Cc}*$'",
    ', maxLength: 100',
    '#/title: a text may hold control characters',
  ],
  ['"^[a-z0-9]{1,20}$"', '"^[a-z0-9]+$"', '#/order_id: a text has no greatest length'],
  [', maximum: 1000000', '', 'path/id: a number has no bounds'],
  ['additionalProperties: false', 'additionalProperties: true', '#: takes unknown members'],
  ['schema: { type: integer, minimum: 1,', 'schema: { minimum: 1,', 'path/id: takes values of any type'],
  ['"400"', '"409"', 'takes input, but documents no 400'],
])('reports a document with %j changed to %j', async (from, to, gap) => {
  const folder = await temporaryFolder();
  onTestFinished(async () => await rm(folder, { recursive: true }));
  const file = join(folder, 'notes.yaml');
  await writeFile(file, (await readFile(document, 'utf8')).replaceAll(from, to));
  const gaps = (await operationsOf(file, 'http://127.0.0.1:1')).flatMap(unbounded);
  expect(gaps).toContain(gap);
});

it('finds a document without gaps in order', async () => {
  expect((await operationsOf(document, 'http://127.0.0.1:1')).flatMap(unbounded)).toEqual([]);
});
