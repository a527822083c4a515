import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadProject } from '../../src/config/index.ts';
import { errorFrom, temporaryFolder } from '../topology/support.ts';

/** The services of a configuration whose users have this `watch`, and a folder `src` beside it. */
function load(watch: string, more = '') {
  const root = temporaryFolder();
  mkdirSync(join(root, 'src'));
  const file = join(root, 'e2e.config.yaml');
  writeFileSync(file, `services:\n  users:\n    command: node users.js\n    watch: ${watch}\n${more}`);
  const env = { FOLDER: 'src', NAME: 'two words' };
  const { services } = loadProject({ file, env, cwd: root, data: 'kept', program: [] });
  const [users] = services;
  return { root, watch: users?.kind === 'own' ? users.watch : undefined };
}

const failure = (watch: string, more?: string) =>
  errorFrom(
    (async () => {
      load(watch, more);
    })(),
  );

test.each([['src'], ['[src]'], ['{ paths: src }'], ['{ paths: [src] }'], ['"${FOLDER}"']])(
  '`watch: %s` is the folder src',
  (written) => {
    const { root, watch } = load(written);
    expect(watch).toEqual({ paths: [join(root, 'src')], ignore: [], debounceMs: 200, missing: [] });
  },
);

test('the long form says what is left out, what builds, and how long it has to be quiet', () => {
  const { root, watch } = load(
    '{ paths: ["src/**/*.ts"], ignore: [generated], build: "npm run \'${NAME}\'", debounce: 1s }',
  );
  expect(watch).toEqual({
    paths: [join(root, 'src/**/*.ts')],
    ignore: ['generated'],
    build: ['npm', 'run', 'two words'],
    debounceMs: 1_000,
    missing: [],
  });
});

test('a path that is not there is remembered with its place, for whoever watches', () => {
  const { watch } = load('[src, "lib/**/*.ts"]');
  expect(watch?.missing).toMatchObject([
    {
      message: expect.stringMatching(/^`users` watches lib\/\*\*\/\*\.ts, but there is no .*\/lib$/),
      place: { line: 4, column: 18 },
      hint: 'correct the path, or start with --no-watch',
    },
  ]);
});

test.each([
  ['{ paths: [src], build: "npm run \'oops" }', 'the build command of `users` cannot be split into words'],
  ['{ paths: [src], build: [""] }', 'must be a text'],
  ['{ ignore: [src] }', 'watch'],
  ['[]', 'watch'],
  ['{ paths: src, debounce: soon }', 'watch'],
  ['"${NOBODY}"', 'NOBODY'],
])('`watch: %s` is a mistake with its place', async (written, message) => {
  const error = await failure(written);
  expect(error.code).toBe('config-invalid');
  const [problem] = error.problems;
  expect(`${problem?.message} ${problem?.hint}`).toContain(message);
  expect(problem?.place).toMatchObject({ line: 4 });
});

test('a service that runs elsewhere has nothing to watch', async () => {
  const error = await failure('src', '  legacy:\n    url: http://127.0.0.1:1\n    watch: src\n');
  expect(error.problems[0]?.message).toBe('`legacy` has both `url` and `watch`');
});
