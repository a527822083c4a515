// The import rules of the architecture. A new room belongs in one of these layers.
const base = '^src/(model|source|errors|lib)/';
const tools = '^src/(expression|http|broker|database)/';
const engines = '^src/(config|topology|suite|contract|load|faults|invariants|telemetry|doctor)/';
const services = '^services/([^/]+)/';

const oneHome = (name, home) => ({
  name: `one-home-for-${name.replace(/\W+/g, '-')}`,
  severity: 'error',
  from: { path: '^(src|services)/', pathNot: home },
  to: { path: `node_modules/${name}/` },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'base-is-a-leaf', severity: 'error', from: { path: base }, to: { path: '^src/', pathNot: base } },
    {
      name: 'tools-below-engines',
      severity: 'error',
      from: { path: tools },
      to: { path: '^src/', pathNot: [base, tools] },
    },
    {
      name: 'engines-stay-apart',
      severity: 'error',
      from: { path: '^src/(config|topology|contract|invariants|telemetry)/' },
      to: { path: engines, pathNot: ['^src/$1/', '^src/config/'] },
    },
    {
      name: 'combine-through-index',
      severity: 'error',
      from: { path: '^src/(suite|load|faults|doctor)/' },
      to: { path: engines, pathNot: ['^src/$1/', '^src/config/', '/index\\.ts$'] },
    },
    {
      name: 'report-sees-only-the-model',
      severity: 'error',
      from: { path: '^src/(report|ui)/' },
      to: { path: '^src/', pathNot: ['^src/$1/', base] },
    },
    {
      name: 'engines-do-not-report',
      severity: 'error',
      from: { path: engines },
      to: { path: '^src/(report|cli|ui)/' },
    },
    {
      name: 'nobody-imports-cli',
      severity: 'error',
      from: { pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'harness-knows-no-service',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^services/' },
    },
    {
      name: 'services-know-no-harness',
      severity: 'error',
      from: { path: '^services/' },
      to: { path: '^src/' },
    },
    {
      name: 'service-to-service',
      severity: 'error',
      from: { path: services, pathNot: '^services/monolith/' },
      to: { path: '^services/', pathNot: ['^services/$1/', '^services/kit/'] },
    },
    {
      name: 'monolith-mounts-apps-only',
      severity: 'error',
      from: { path: '^services/monolith/' },
      to: { path: '^services/', pathNot: ['^services/(monolith|kit)/', '/app\\.ts$'] },
    },
    oneHome('commander', '^src/cli/'),
    oneHome('listr2', '^src/cli/'),
    oneHome('chalk', '^src/(cli|report)/|^src/errors/render\\.ts$'),
    oneHome('autocannon', '^src/load/executors/saturate/'),
    oneHome('express', '^services/'),
    oneHome('jose', '^services/(kit/identity|auth)/'),
    oneHome('sqlite3', '^services/kit/store/|^src/(broker/embedded/journal|database)/'),
    oneHome('amqp-wire', '^src/broker/embedded/wire/'),
    oneHome('pg', '^services/kit/store/|^src/database/'),
    oneHome('knex', '^services/kit/store/'),
    oneHome('amqplib', '^(services/kit/bus|src/broker)/'),
    oneHome('@opentelemetry', '^services/kit/tracing/'),
    oneHome('smtp-server', '^services/mail/'),
    oneHome('mailparser', '^services/mail/'),
    oneHome('nodemailer', '^services/notifications/'),
    {
      name: 'no-dev-dependencies',
      severity: 'error',
      from: { path: '^(src|services)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
