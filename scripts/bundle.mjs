// Puts every service of the shop into one file in dist/shop, which a V8 code cache starts in half the time:
// npm run build
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../', import.meta.url));
const out = join(root, 'dist/shop');

/** What stays outside, and is looked for when it is asked for. */
const external = [
  // It has native parts.
  'sqlite3',
  // Not every start needs these, and reading a file takes time even where none of it is run.
  'pg',
  '@opentelemetry/*',
  'yaml',
  // Databases that knex speaks and the shop does not.
  ...['pg-native', 'pg-query-stream', 'better-sqlite3', 'mariadb', 'mysql', 'mysql2', 'oracledb', 'tedious'],
  'mariadb/*',
];

/** A megabyte of Chinese and Japanese that Express brings along twice for bodies that no service takes; e-mail has them. */
const rareEncodings = {
  name: 'rare-encodings',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\/tables\/.*\.json$/ }, ({ path, importer }) =>
      /\/(body-parser|raw-body)\/node_modules\/iconv-lite\//.test(importer.replaceAll('\\', '/'))
        ? { path: `iconv-lite/encodings/${path.slice(2)}`, external: true }
        : undefined,
    ),
};

const folders = await readdir(join(root, 'services'), { withFileTypes: true });
const names = folders
  .filter((folder) => folder.isDirectory() && folder.name !== 'kit')
  .map(({ name }) => name);

await rm(out, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: Object.fromEntries(names.map((name) => [name, `services/${name}/main.ts`])),
  outdir: join(out, 'code'),
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // A script has `require`, and no `import()`.
  supported: { 'dynamic-import': false },
  external,
  plugins: [rareEncodings],
  define: { 'import.meta.url': 'bundleUrl' },
  banner: { js: 'const bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
  logLevel: 'warning',
});

await copyFile(join(root, 'scripts/bundle/run-cached.cjs'), join(out, 'run-cached.cjs'));
for (const name of names)
  await writeFile(
    join(out, `${name}.cjs`),
    `require('./run-cached.cjs').runCached(require('node:path').join(__dirname, 'code/${name}.cjs'));\n`,
  );

// Contracts as JSON, found by the text that they were made of (services/kit/contract/read-yaml.ts).
await mkdir(join(out, 'contracts'));
for (const file of await readdir(join(root, 'contracts/openapi'))) {
  const text = await readFile(join(root, 'contracts/openapi', file), 'utf8');
  const digest = createHash('sha256').update(text).digest('hex');
  await writeFile(join(out, 'contracts', `${digest}.json`), JSON.stringify(parse(text)));
}
