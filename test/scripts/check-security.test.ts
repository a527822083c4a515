import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/check-security.mjs', import.meta.url));

/** Runs the check with an npm that answers this. */
async function checkWith(answer: string, code: number, env: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'shopctl-audit-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'answer.json'), answer);
  const npm = `#!/bin/sh\ncat "${join(folder, 'answer.json')}"\nexit ${code}\n`;
  writeFileSync(join(folder, 'npm'), npm, { mode: 0o755 });
  const PATH = `${folder}${delimiter}${process.env['PATH'] ?? ''}`;
  return await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, [script], { env: { PATH, ...env } }, (error, _stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stderr }),
    );
  });
}

const report = (vulnerabilities: Record<string, { name: string; severity: string }>) =>
  JSON.stringify({
    vulnerabilities,
    metadata: { vulnerabilities: { total: Object.keys(vulnerabilities).length } },
  });
const refusal = JSON.stringify({ message: '405 Method Not Allowed - POST', statusCode: 405, error: {} });

it('passes where nothing serious is known', async () => {
  const low = report({ a: { name: 'a', severity: 'moderate' } });
  expect(await checkWith(low, 0)).toEqual({
    code: 0,
    stderr: 'audit passed: nothing high or critical (1 known in all)\n',
  });
});

it('fails with the names of what is vulnerable', async () => {
  const bad = { b: { name: 'b', severity: 'high' }, c: { name: 'c', severity: 'critical' } };
  expect(await checkWith(report({ a: { name: 'a', severity: 'low' }, ...bad }), 1)).toEqual({
    code: 1,
    stderr: 'audit failed: b (high), c (critical); `npm audit` tells more\n',
  });
});

it('says that it was skipped where the registry gives no advisories, which may be forbidden', async () => {
  const stderr = "audit skipped: the registry's advisories cannot be asked (405 Method Not Allowed - POST)\n";
  expect(await checkWith(refusal, 1)).toEqual({ code: 0, stderr });
  expect(await checkWith(refusal, 1, { REQUIRE_AUDIT: '1' })).toEqual({ code: 1, stderr });
});

it.each(['', 'no JSON', '{"error": {"code": "ENOLOCK", "summary": "no lock file"}}'])(
  'fails where npm itself failed: %j',
  async (answer) => {
    const { code, stderr } = await checkWith(answer, 1);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^audit failed: npm audit/) });
  },
);
