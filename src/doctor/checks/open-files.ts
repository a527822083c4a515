import { readFileSync } from 'node:fs';
import type { Check, Diagnosis } from '../diagnosis.ts';

/** A load test with some hundred connections, with the logs and sockets of the services beside it. */
const COMFORTABLE = 1_024;
const LEAST = 256;

export const openFiles: Check = {
  name: 'open files',
  look: async () => {
    const limit = parseLimit(softLimit());
    return limit === undefined ? [] : [judgeOpenFiles(limit)];
  },
};

/** @param limit how many a process may have open, the services among them */
export function judgeOpenFiles(limit: number): Diagnosis {
  const message =
    limit === Number.POSITIVE_INFINITY ? 'any number of files may be open' : `${limit} files may be open`;
  if (limit >= COMFORTABLE) return { level: 'ok', message: `${message} in each process` };
  return {
    level: limit < LEAST ? 'problem' : 'warning',
    message: `${message} in each process, connections among them: too few for load`,
    remedy: `ulimit -n ${COMFORTABLE * 4}`,
  };
}

/** `1024`, `unlimited`; undefined for what is neither. */
export function parseLimit(text: string): number | undefined {
  if (text === 'unlimited') return Number.POSITIVE_INFINITY;
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function softLimit(): string {
  try {
    return /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? '';
  } catch {
    // No /proc: Node's own report has it too, but takes longer.
    const report: { readonly userLimits?: { readonly open_files?: { readonly soft?: unknown } } } =
      process.report.getReport();
    return String(report.userLimits?.open_files?.soft ?? '');
  }
}
