// Asks the registry whether what users install has known vulnerabilities of level high or critical. Where the registry
// cannot be asked that is told as skipped and is no failure, unless REQUIRE_AUDIT=1 says that it must be there.
import { spawnSync } from 'node:child_process';

const LIMIT_MS = 120_000;

const isRequired = process.env.REQUIRE_AUDIT === '1';
const verdict = judge(audit());
console.error(`audit ${verdict.kind}: ${verdict.text}`);
const isGood = verdict.kind === 'passed' || (verdict.kind === 'skipped' && !isRequired);
process.exitCode = isGood ? 0 : 1;

function audit() {
  const flags = ['--omit=dev', '--audit-level=high', '--json', '--fetch-retries=1'];
  // On Windows npm is a batch file, which only a shell starts.
  const shell = process.platform === 'win32';
  return spawnSync('npm', ['audit', ...flags], { encoding: 'utf8', timeout: LIMIT_MS, shell });
}

/** npm answers a report with `metadata`, or where the registry gave none a `message`. */
function judge({ status, stdout, error }) {
  if (error?.code === 'ETIMEDOUT')
    return { kind: 'skipped', text: `the registry did not answer within ${LIMIT_MS / 1_000} s` };
  const report = parse(stdout);
  if (report?.metadata === undefined) {
    if (typeof report?.message === 'string')
      return { kind: 'skipped', text: `the registry's advisories cannot be asked (${report.message})` };
    return { kind: 'failed', text: `npm audit ended with ${status} and no report: ${error ?? stdout}` };
  }
  const counts = report.metadata.vulnerabilities;
  const serious = Object.values(report.vulnerabilities ?? {}).filter(({ severity }) =>
    ['high', 'critical'].includes(severity),
  );
  if (serious.length === 0)
    return { kind: 'passed', text: `nothing high or critical (${counts.total} known in all)` };
  const names = serious.map(({ name, severity }) => `${name} (${severity})`).join(', ');
  return { kind: 'failed', text: `${names}; \`npm audit\` tells more` };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    // No report: the caller says so.
    return undefined;
  }
}
