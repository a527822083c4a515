import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const own = (file) => fileURLToPath(new URL(file, import.meta.url));

/** What services, Express and pino read when they start, and need when something is asked of them, if ever. */
const packages = {
  ajv: 'ajv/dist/2020.js',
  'ajv-formats': 'ajv-formats',
  amqplib: 'amqplib',
  'body-parser': 'body-parser',
  'content-disposition': 'content-disposition',
  faker: '@faker-js/faker/locale/en',
  'http-errors': 'http-errors',
  mailparser: 'mailparser',
  nodemailer: 'nodemailer',
  qs: 'qs',
  send: 'send',
  'serve-static': 'serve-static',
  'thread-stream': 'thread-stream',
};
/** Single files of which the same is true. */
const files = {
  'knex-migrator': require.resolve('knex/lib/migrations/migrate/Migrator.js'),
  'knex-seeder': require.resolve('knex/lib/migrations/seed/Seeder.js'),
  'prom-client-cluster': require.resolve('prom-client/lib/cluster.js'),
  'prom-client-defaults': require.resolve('prom-client/lib/defaultMetrics.js'),
  'prom-client-pushgateway': require.resolve('prom-client/lib/pushgateway.js'),
  'prom-client-summary': require.resolve('prom-client/lib/summary.js'),
  undici: own('undici.cjs'),
};
/** For these, files of that name beside this one answer what is asked most, and leave the rest to them. */
const standIns = { debug: own('debug.cjs'), depd: own('depd.cjs'), 'mime-types': own('mime-types.cjs') };

/** Every module that is read on demand, by the name of its bundle. */
export const laterModules = {
  ...packages,
  ...files,
  ...Object.fromEntries(Object.keys(standIns).map((name) => [name, name])),
};

/** Has a module read and run when the first of its exports is used. */
export const onDemand = {
  name: 'on-demand',
  setup({ onResolve, onLoad }) {
    const namesOfPackages = inverse(packages);
    onResolve({ filter: /^[@a-z]/ }, ({ path }) => {
      if (Object.hasOwn(standIns, path)) return { path: standIns[path] };
      const name = namesOfPackages.get(path);
      return name === undefined ? undefined : { path: name, namespace: 'on-demand' };
    });
    onLoad({ filter: /^/, namespace: 'on-demand' }, ({ path }) => ({
      contents: stub(`later:${path}`, require(packages[path]), method),
    }));
    const namesOfFiles = inverse(files);
    onLoad({ filter: /\.c?js$/ }, ({ path }) =>
      namesOfFiles.has(path)
        ? { contents: stub(`later:${namesOfFiles.get(path)}`, require(path), method) }
        : undefined,
    );
    onResolve({ filter: /^later:/ }, ({ path }) => ({
      path: `./later/${path.slice('later:'.length)}.cjs`,
      external: true,
    }));
  },
};

/** The same of modules of Node itself; our own programs import no more than functions of them. */
export const builtinsOnDemand = (filter) => ({
  name: 'builtins-on-demand',
  setup({ onResolve, onLoad }) {
    onResolve({ filter }, ({ path, importer, namespace }) => {
      if (namespace.startsWith('builtin')) return { path, external: true };
      return { path, namespace: /[\\/]src[\\/].*\.ts$/.test(importer) ? 'builtin-imported' : 'builtin' };
    });
    onLoad({ filter, namespace: 'builtin' }, ({ path }) => ({ contents: stub(path, require(path), getter) }));
    onLoad({ filter, namespace: 'builtin-imported' }, ({ path }) => ({ contents: importedStub(path) }));
  },
});

const inverse = (names) => new Map(Object.entries(names).map(([name, what]) => [what, name]));

/**
 * An ECMAScript module with the functions of another: what nobody imports is left out of a bundle, and nothing is copied
 * where it is imported. Whatever is no function cannot be passed on in this way, and is missed when the bundle is made.
 */
function importedStub(id) {
  const functions = Object.entries(require(id)).filter(([, value]) => typeof value === 'function');
  const lines = functions.map(
    ([name]) => `export const ${name} = ${passedOn(`whole()[${JSON.stringify(name)}]`)};`,
  );
  return [`const whole = () => require("${id}");`, ...lines].join('\n');
}

/** A module with the same exports, each of which asks the real one; `ofFunction` says in which way a function does. */
function stub(id, exports, ofFunction) {
  const lines = [`const whole = () => require("${id}");`];
  if (typeof exports === 'function') lines.push(`module.exports = ${passedOn('whole()')};`);
  if (exports.__esModule) lines.push('Object.defineProperty(exports, "__esModule", { value: true });');
  for (const key of Object.keys(exports).filter((one) => one !== '__esModule')) {
    const name = JSON.stringify(key);
    const kind = typeof exports[key] === 'function' ? ofFunction : getter;
    lines.push(
      `Object.defineProperty(module.exports, ${name}, { enumerable: true, ${kind(`whole()[${name}]`)} });`,
    );
  }
  return lines.join('\n');
}

const getter = (real) => `get: () => ${real}`;
/** For a function that may be taken out of its module before it is used; it is not the same one as the real one's. */
const method = (real) => `value: ${passedOn(real)}`;

/** Calls and constructs what it stands for. */
function passedOn(real) {
  return `function (...args) { return new.target ? new (${real})(...args) : ${real}.apply(this, args); }`;
}
