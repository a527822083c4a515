import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { builtinsOnDemand, laterModules, onDemand } from './on-demand.mjs';
import { compiledOpenapiSchemas } from './openapi-checks.mjs';
import { quickChecksFrom, quickChecksText } from './quick-checks.mjs';

/** What stays outside, and is looked for when it is asked for. */
const external = [
  // Not every start needs these, and reading a file takes time even where none of it is run.
  'pg',
  'yaml',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-trace-base',
  'pg-native',
  'pg-query-stream',
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

/** `sqlite3` without its search for its native part, which stays outside. */
const nativeSqlite = {
  name: 'native-sqlite',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\/sqlite3-binding\.js$/ }, () => ({
      path: 'sqlite3/build/Release/node_sqlite3.node',
      external: true,
    })),
};

/** Databases that knex speaks and the shop does not. */
const otherDatabases = {
  name: 'other-databases',
  setup: ({ onResolve }) =>
    onResolve(
      { filter: /^\.\/(better-sqlite3|cockroachdb|mssql|mysql2?|mariadb|oracle(db)?|pgnative|redshift)$/ },
      ({ path, importer }) =>
        /\/knex\/lib\/dialects\/index\.js$/.test(importer.replaceAll('\\', '/'))
          ? { path: `knex/lib/dialects/${path.slice(2)}`, external: true }
          : undefined,
    ),
};

const littleUndici = {
  name: 'little-undici',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^undici$/ }, () => ({
      path: fileURLToPath(new URL('undici.cjs', import.meta.url)),
    })),
};

/** Settings that services and CLI share. */
const shared = {
  write: false,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // A script has `require`, and no `import()`.
  supported: { 'dynamic-import': false },
  logLevel: 'warning',
};

const bundleUrl = 'const bundleUrl = require("node:url").pathToFileURL(__filename).href;';
const nameOf = ({ path }) => basename(path, '.js');

/** What HTTPS needs, and what is asked when something is wrong. */
const onlyForSome = builtinsOnDemand(/^(?:node:https|node:tls|(?:node:)?assert)$/);

/** Each service as one CommonJS file, `[name, text]`, with names and line breaks as they were written. */
export async function bundleServices(root, names) {
  const { outputFiles } = await build({
    ...shared,
    absWorkingDir: root,
    entryPoints: Object.fromEntries(names.map((name) => [name, `services/${name}/main.ts`])),
    outdir: 'dist/shop/code',
    external,
    plugins: [rareEncodings, nativeSqlite, otherDatabases, littleUndici, onlyForSome, onDemand],
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: bundleUrl },
  });
  return outputFiles.map((file) => [nameOf(file), file.text]);
}

/** What services read later than at their start, in the same form. */
export async function bundleLaterModules(root) {
  const { outputFiles } = await build({
    ...shared,
    absWorkingDir: root,
    entryPoints: laterModules,
    outdir: 'dist/shop/code/later/code',
    external,
    plugins: [rareEncodings],
  });
  return outputFiles.map((file) => [nameOf(file), file.text]);
}

/** What is native, or is needed by few commands. */
const outsideOfCli = ['sqlite3', '@faker-js/faker', '../../run-cached.cjs'];

/** Packages that most commands do not need, each group in a file of its own: that of `ajv-formats` is a part of `ajv`. */
const packages = {
  ajv: ['ajv/dist/2020.js', 'ajv-formats'],
  amqplib: ['amqplib'],
  cel: ['@marcbachmann/cel-js'],
  listr2: ['listr2'],
  'openapi-parser': ['@readme/openapi-parser'],
  pg: ['pg'],
  undici: ['undici'],
  yaml: ['yaml'],
};

/** In place of what a package exports: something that reads its file when it is first used. */
async function lazyExports(group, name) {
  const exported = Object.keys(await import(name)).filter(
    (key) => /^[A-Za-z_$][\w$]*$/.test(key) && key !== 'module.exports',
  );
  const lines = exported.map(
    (key) =>
      `${key === 'default' ? 'export default' : `export const ${key} =`} lazy(${JSON.stringify(key)});`,
  );
  return `
let whole;
const real = (key) => {
  whole ??= require('../../run-cached.cjs').runCached(require('node:path').join(__dirname, '${group}.cjs'));
  return whole[${JSON.stringify(name)}][key];
};
const lazy = (key) => new Proxy(function () {}, {
  apply: (_, self, args) => Reflect.apply(real(key), self, args),
  construct: (_, args) => Reflect.construct(real(key), args),
  get: (_, property) => real(key)[property],
});
${lines.join('\n')}
`;
}

const lazyPackages = {
  name: 'lazy-packages',
  setup: ({ onResolve, onLoad }) => {
    const groups = new Map(
      Object.entries(packages).flatMap(([group, names]) => names.map((name) => [name, group])),
    );
    onResolve({ filter: /^[a-z@]/ }, ({ path }) =>
      groups.has(path) ? { path, namespace: 'lazy-package' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'lazy-package' }, async ({ path }) => ({
      contents: await lazyExports(groups.get(path), path),
    }));
  },
};

/** Each group as one file, `[group, text]`. */
async function bundlePackages(root) {
  const built = Object.entries(packages).map(async ([group, names]) => {
    const lines = names.map(
      (name, at) => `import * as p${at} from '${name}'; module.exports['${name}'] = p${at};`,
    );
    const stdin = { contents: lines.join('\n'), resolveDir: root };
    const { outputFiles } = await build({
      ...shared,
      stdin,
      external: ['pg-native'],
      plugins: [compiledOpenapiSchemas],
    });
    return [group, outputFiles[0].text];
  });
  return await Promise.all(built);
}

const QUICK_CHECKS = 'quick-checks';
const ownChecks = quickChecksFrom(QUICK_CHECKS);

async function bundleQuickChecks(root) {
  const stdin = { contents: await quickChecksText(root), resolveDir: root };
  const { outputFiles } = await build({ ...shared, stdin, minify: true });
  return [[QUICK_CHECKS, outputFiles[0].text]];
}

/** Whether to colour is ours to say; chalk would load what knows about terminals to find out for itself. */
const noDetectionOfColor = {
  name: 'no-detection-of-color',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^#supports-color$/ }, () => ({ path: 'none', namespace: 'color' }));
    onLoad({ filter: /./, namespace: 'color' }, () => ({
      contents: 'export default { stdout: false, stderr: false };',
    }));
  },
};

/** What happens to the text of each of our own files, one change after the other. */
const ownTexts = (...changes) => ({
  name: 'own-texts',
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
      const own = path.replaceAll('\\', '/').split('/src/').at(-1);
      const text = await readFile(path, 'utf8');
      return { contents: changes.reduce((changed, change) => change(changed, own), text), loader: 'ts' };
    }),
});

/** A file that looks for others beside itself finds them where the bundles have them: below dist/cli, as below src. */
const ownUrl = (text, own) =>
  text.replaceAll('import.meta.url', `urlOf(${JSON.stringify(own.replace(/\.ts$/, '.js'))})`);

/**
 * Makes one program of one command: what it imports when it runs is there from the start, and the other commands stay
 * outside. What is imported in both ways would be wrapped, with all that it needs, and nothing of it left out.
 */
const onlyCommand = (command) => (text, own) => {
  const paths = [...new Set([...text.matchAll(/\bimport\('(\.[^']*)'\)/g)].map(([, path]) => path))];
  const isOther = (path) => definesCommands(own) && path !== `./${command}.ts`;
  return paths
    .filter((path) => !isOther(path))
    .reduce(
      (changed, path, at) =>
        `import * as static${at} from '${path}'; ${changed.replaceAll(`import('${path}')`, `Promise.resolve(static${at})`)}`,
      text,
    );
};

/** What only some commands use. */
const onlyForSomeCommands = builtinsOnDemand(
  /^(?:node:)?(?:child_process|crypto|dns|fs\/promises|https?|net|perf_hooks|readline|timers\/promises|tls|v8|worker_threads|zlib)$/,
);

/** A file that adds commands, and imports their bodies when they run. */
const definesCommands = (own) => /^cli\/commands\/[a-z-]+-commands?\.ts$/.test(own);

/** The bodies of other commands are not in the program of one. */
const otherCommands = {
  name: 'other-commands',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.{1,2}\// }, ({ path, kind, importer }) =>
      kind === 'dynamic-import' && definesCommands(importer.replaceAll('\\', '/').split('/src/').at(-1))
        ? { path, external: true }
        : undefined,
    ),
};

/**
 * The programs of the CLI, and the CLI once more for each of some commands that are to start fast, with nothing of the
 * others: `[file name without ending, text]`.
 */
export async function bundleCli(root, programs, commands) {
  const all = Object.fromEntries(programs.map((path) => [basename(path), `src/${path}.ts`]));
  const bundles = await Promise.all([
    bundlePrograms(root, all, [ownTexts(ownUrl, ownChecks)]),
    ...commands.map((command) =>
      bundlePrograms(root, { [`command-${command}`]: 'src/cli/main.ts' }, [
        ownTexts(ownUrl, ownChecks, onlyCommand(command)),
        otherCommands,
      ]),
    ),
    bundlePackages(root),
    bundleQuickChecks(root),
  ]);
  return bundles.flat();
}

async function bundlePrograms(root, entryPoints, plugins) {
  const { outputFiles } = await build({
    ...shared,
    absWorkingDir: root,
    entryPoints,
    outdir: 'dist/cli/code',
    external: outsideOfCli,
    plugins: [lazyPackages, onlyForSomeCommands, noDetectionOfColor, ...plugins],
    define: { 'import.meta.url': 'bundleUrl' },
    banner: {
      js: `${bundleUrl}\nconst urlOf = (path) => new URL(\`../\${path}\`, bundleUrl).href;`,
    },
  });
  return outputFiles.map((file) => [nameOf(file), file.text]);
}
