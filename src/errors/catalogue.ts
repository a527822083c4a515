/** Exit codes of the command line (product documentation, "Exit codes"). */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  environment: 3,
  inconclusive: 4,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Every error that a user can meet: its exit code, and the remedy that holds whatever the details are. */
export const catalogue = {
  usage: { exit: EXIT.usage, hint: 'see `shopctl --help`' },
  'config-not-found': {
    exit: EXIT.usage,
    hint: 'name one with `--config FILE`, or run from the project folder',
  },
  'config-invalid': { exit: EXIT.usage },
  'yaml-syntax': { exit: EXIT.usage },
  'file-unreadable': { exit: EXIT.usage },
  'suite-invalid': { exit: EXIT.usage },
  'nothing-to-test': { exit: EXIT.usage },
  'report-invalid': { exit: EXIT.usage },
  'contract-invalid': { exit: EXIT.usage },
  'contract-missing': {
    exit: EXIT.usage,
    hint: "name an OpenAPI document with `contract: FILE` in the service's entry of e2e.config.yaml",
  },
  'service-unreachable': {
    exit: EXIT.environment,
    hint: 'see `shopctl status` and `shopctl logs SERVICE`',
  },
  'load-profile-unknown': { exit: EXIT.usage },
  'load-request-invalid': { exit: EXIT.usage },
  'load-target-remote': {
    exit: EXIT.usage,
    hint: 'load goes to this machine only: 127.0.0.0/8, ::1 or localhost',
  },
  'load-target-down': {
    exit: EXIT.environment,
    hint: 'start it with `shopctl up`, then see `shopctl status`',
  },
  'load-generator-died': {
    exit: EXIT.environment,
    hint: 'is there memory enough? fewer connections or processes need less',
  },
  'fault-unsupported': {
    exit: EXIT.usage,
    hint: "say at which path it takes faults with `simulate: /PATH` in the service's entry of e2e.config.yaml",
  },
  'fault-refused': { exit: EXIT.usage },
  'fault-target-down': {
    exit: EXIT.environment,
    hint: 'start it with `shopctl up`, then see `shopctl status`',
  },
  'fault-closed': {
    exit: EXIT.environment,
    hint: 'services of the bundled shop take faults when they are started with SIMULATE_ADMIN=on',
  },
  'fault-endpoint-failed': {
    exit: EXIT.environment,
    hint: 'docs/faults.md says what is to be answered there; see `shopctl logs SERVICE`',
  },
  'journal-locked': {
    exit: EXIT.environment,
    hint: 'stop the other broker, or give this one a folder of its own with `--data DIR`',
  },
  'journal-unusable': {
    exit: EXIT.environment,
    hint: 'is the disk full, or the file no journal? another folder (`--data DIR`) starts an empty one',
  },
  'dependency-missing': { exit: EXIT.environment },
  'broker-unconfigured': {
    exit: EXIT.usage,
    hint: 'give its address: AMQP_URL=amqp://USER:PASSWORD@HOST:PORT shopctl queue list',
  },
  'broker-unreachable': { exit: EXIT.environment },
  'broker-refused': {
    exit: EXIT.environment,
    hint: 'they are part of the address: AMQP_URL, or `broker.url` in e2e.config.yaml',
  },
  'broker-lost': { exit: EXIT.environment, hint: 'try again: nothing that waited there is lost' },
  'confirm-late': {
    exit: EXIT.environment,
    hint: 'is the broker short of memory or disk? whoever consumes the target may get that message twice',
  },
  'queues-unlisted': { exit: EXIT.environment },
  'queue-unknown': { exit: EXIT.usage, hint: 'see `shopctl queue list`' },
  'queue-refused': { exit: EXIT.environment },
  'redrive-incomplete': { exit: EXIT.environment },
  'database-unconfigured': { exit: EXIT.usage },
  'database-missing': {
    exit: EXIT.environment,
    hint: 'a service makes its database when it starts: `shopctl up`',
  },
  'database-unreadable': { exit: EXIT.environment },
  'sql-invalid': { exit: EXIT.usage },
  'sql-slow': { exit: EXIT.environment, hint: 'ask for less: a condition, or LIMIT' },
  'already-running': { exit: EXIT.environment, hint: 'stop it with `shopctl down`' },
  'not-running': { exit: EXIT.environment, hint: 'start it with `shopctl up`' },
  'control-unavailable': { exit: EXIT.environment },
  'control-refused': { exit: EXIT.environment, hint: 'docs/commands.md says what the socket takes' },
  'service-busy': { exit: EXIT.environment, hint: 'try again when that is done: `shopctl status`' },
  'port-taken': { exit: EXIT.environment },
  'program-not-started': { exit: EXIT.environment },
  'service-failed': { exit: EXIT.environment },
  'service-not-ready': { exit: EXIT.environment },
  'output-unwritable': {
    exit: EXIT.environment,
    hint: 'make room where the output goes, or send it elsewhere',
  },
  'state-unusable': { exit: EXIT.environment },
  'stop-incomplete': { exit: EXIT.environment },
  'supervisor-lost': { exit: EXIT.environment },
  interrupted: { exit: EXIT.interrupted },
} as const satisfies Record<string, { exit: ExitCode; hint?: string }>;

export type ErrorCode = keyof typeof catalogue;
