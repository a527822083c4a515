import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** What stays outside, and is looked for when it is asked for. */
const external = [
  // It has native parts.
  'sqlite3',
  // Not every start needs these, and reading a file takes time even where none of it is run.
  'pg',
  'yaml',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-trace-base',
  // Databases that knex speaks and the shop does not.
  ...['pg-native', 'pg-query-stream', 'better-sqlite3', 'mariadb', 'mysql', 'mysql2', 'oracledb', 'tedious'],
  'mariadb/*',
];

/** A megabyte of Chinese and Japanese that Express brings along twice for bodies that nobody sends; e-mail has them. */
const rareEncodings = {
  name: 'rare-encodings',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\/tables\/.*\.json$/ }, ({ path, importer }) =>
      /\/(body-parser|raw-body)\/node_modules\/iconv-lite\//.test(importer.replaceAll('\\', '/'))
        ? { path: `iconv-lite/encodings/${path.slice(2)}`, external: true }
        : undefined,
    ),
};

const littleUndici = {
  name: 'little-undici',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^undici$/ }, () => ({
      path: fileURLToPath(new URL('undici.mjs', import.meta.url)),
    })),
};

/** Each service as one CommonJS file, `{ name, text }`, with names and line breaks as they were written. */
export async function bundle(root, names) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(names.map((name) => [name, `services/${name}/main.ts`])),
    outdir: 'dist/shop/code',
    write: false,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // A script has `require`, and no `import()`.
    supported: { 'dynamic-import': false },
    external,
    plugins: [rareEncodings, littleUndici],
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: 'const bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
    logLevel: 'warning',
  });
  return outputFiles.map(({ path, text }) => ({ name: path.replace(/^.*[\\/]|\.js$/g, ''), text }));
}
