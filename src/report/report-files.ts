import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { messageOf, ShopctlError } from '../errors/index.ts';
import type { SuiteRunResult } from '../model/index.ts';
import { didYouMean } from '../source/index.ts';
import type { Reporter } from './reporter.ts';
import { reporters } from './reporters.ts';

/** Report files that are open and wait for the end of the run. */
export interface ReportFiles {
  /** Writes every report whole, or leaves what was there before. */
  write(result: SuiteRunResult): Promise<void>;
  /** Removes what was not written; safe to call after `write`. */
  close(): Promise<void>;
}

interface OpenReport {
  readonly reporter: Reporter;
  readonly file: string;
  readonly temporary: string;
  readonly handle: FileHandle;
}

/**
 * Opens the files of `--report KIND=FILE` before the run, so that a typo does not cost a run.
 *
 * @param cwd relative files start here
 * @throws ShopctlError `report-invalid` for an unknown kind or a file that cannot be written
 */
export async function openReports(specs: readonly string[], cwd: string): Promise<ReportFiles> {
  const wanted = specs.map((spec) => parseSpec(spec, cwd));
  refuseSameFile(wanted.map(({ file }) => file));
  const reports: OpenReport[] = [];
  const close = async () => {
    for (const { handle, temporary } of reports.splice(0)) {
      await handle.close();
      await rm(temporary, { force: true });
    }
  };
  try {
    for (const spec of wanted) reports.push(await openReport(spec));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    write: async (result) => {
      for (let next = reports[0]; next !== undefined; next = reports[0]) {
        await next.handle.writeFile(next.reporter.serialize(result));
        // From here on there is nothing left for `close` to do.
        reports.shift();
        await next.handle.close();
        await rename(next.temporary, next.file);
      }
    },
    close,
  };
}

interface Spec {
  readonly reporter: Reporter;
  readonly file: string;
}

function parseSpec(spec: string, cwd: string): Spec {
  const kinds = reporters.map(({ kind }) => kind);
  const equals = spec.indexOf('=');
  const kind = equals === -1 ? spec : spec.slice(0, equals);
  const reporter = reporters.find((candidate) => candidate.kind === kind);
  if (reporter === undefined) {
    const near = didYouMean(kind, kinds);
    throw new ShopctlError('report-invalid', {
      message: `there is no report of kind \`${kind}\``,
      hint: near === undefined ? `kinds: ${kinds.join(', ')}` : `did you mean \`${near}\`?`,
    });
  }
  const file = equals === -1 ? '' : spec.slice(equals + 1);
  if (file === '') {
    throw new ShopctlError('report-invalid', {
      message: `\`--report ${spec}\` names no file`,
      hint: `write \`--report ${kind}=FILE\``,
    });
  }
  return { reporter, file: resolve(cwd, file) };
}

function refuseSameFile(files: readonly string[]): void {
  const twice = files.find((file, index) => files.indexOf(file) !== index);
  if (twice === undefined) return;
  throw new ShopctlError('report-invalid', { message: `two reports would be written to ${twice}` });
}

async function openReport({ reporter, file }: Spec): Promise<OpenReport> {
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
  try {
    await mkdir(dirname(file), { recursive: true });
    if (await isFolder(file)) throw new Error('it is a folder');
    return { reporter, file, temporary, handle: await open(temporary, 'w') };
  } catch (error) {
    throw new ShopctlError('report-invalid', {
      message: `the report ${file} cannot be written: ${messageOf(error)}`,
      cause: error,
    });
  }
}

async function isFolder(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isDirectory();
  } catch {
    // Nothing there yet, as it should be.
    return false;
  }
}
