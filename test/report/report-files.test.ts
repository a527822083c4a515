import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openReports } from '../../src/report/index.ts';
import { aRun, aTest } from './results.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'shopctl-report-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('openReports', () => {
  it('writes each report whole, into folders that it makes', async () => {
    const reports = await openReports(['junit=out/a/junit.xml', 'json=run.json', 'pretty=run.txt'], root);
    await reports.write(aRun([aTest()]));
    await reports.close();
    expect(await readFile(join(root, 'out/a/junit.xml'), 'utf8')).toContain(
      '<testsuites name="shopctl" tests="1"',
    );
    expect(JSON.parse(await readFile(join(root, 'run.json'), 'utf8'))).toMatchObject({
      schema: 'shopctl/test/1',
    });
    expect(await readFile(join(root, 'run.txt'), 'utf8')).toBe(
      '✓ Orders › it works (34 ms)\n\n1 passed, 0 failed, 0 skipped in 3.4 s · seed 123\n',
    );
    expect((await readdir(root)).sort()).toEqual(['out', 'run.json', 'run.txt']);
  });

  it('leaves an earlier report alone when the run never ends', async () => {
    await writeFile(join(root, 'run.json'), 'before');
    const reports = await openReports(['json=run.json'], root);
    await reports.close();
    expect(await readFile(join(root, 'run.json'), 'utf8')).toBe('before');
    expect(await readdir(root)).toEqual(['run.json']);
  });

  it.each([
    [['junitt=a.xml'], 'there is no report of kind `junitt`', 'did you mean `junit`?'],
    [['html=a'], 'there is no report of kind `html`', 'kinds: pretty, junit, json'],
    [['junit'], '`--report junit` names no file', 'write `--report junit=FILE`'],
    [['junit='], '`--report junit=` names no file', 'write `--report junit=FILE`'],
  ])('refuses %j', async (specs, message, hint) => {
    await expect(openReports(specs, root)).rejects.toMatchObject({
      code: 'report-invalid',
      exitCode: 2,
      message,
      hint,
    });
  });

  it('refuses files that cannot be written, before the run, and leaves nothing behind', async () => {
    await mkdir(join(root, 'folder'));
    await writeFile(join(root, 'file'), '');
    await expect(openReports(['json=ok.json', 'json=folder'], root)).rejects.toThrow('it is a folder');
    await expect(openReports(['json=file/x.json'], root)).rejects.toMatchObject({ code: 'report-invalid' });
    await expect(openReports(['json=a', 'junit=./a'], root)).rejects.toThrow('two reports would be written');
    expect((await readdir(root)).sort()).toEqual(['file', 'folder']);
  });
});
