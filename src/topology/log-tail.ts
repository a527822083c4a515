import type { FileHandle } from 'node:fs/promises';

const BLOCK_BYTES = 262_144;
const NEWLINE = 0x0a;

export interface TailQuery {
  /** So many accepted lines. */
  readonly count: number;
  /** A line without its end. */
  readonly accepts: (line: string) => boolean;
  /** Where the file ends for this purpose. */
  readonly end: number;
}

/**
 * Reads a file backwards, block by block, until the wanted number of lines is found. Resolves to where the earliest of
 * them begins (0 when there are too few) and how many were found. Holds a block and a line in memory, not the file.
 */
export async function lastOffset(
  file: FileHandle,
  { count, accepts, end }: TailQuery,
): Promise<{ readonly offset: number; readonly count: number }> {
  if (count <= 0) return { offset: end, count: 0 };
  let found = 0;
  let rest: Buffer = Buffer.alloc(0);
  for (let position = end; position > 0; ) {
    const from = Math.max(0, position - BLOCK_BYTES);
    const bytes = Buffer.concat([await readExactly(file, from, position - from), rest]);
    // What stands behind the last end of a line is not a line yet.
    let lineEnd = position === end ? bytes.lastIndexOf(NEWLINE) + 1 : bytes.length;
    // The first line of a block may have begun before it.
    for (const { start, line } of linesBackwards(bytes, lineEnd, from === 0 ? 0 : 1)) {
      if (accepts(line)) found += 1;
      if (found >= count) return { offset: from + start, count: found };
      lineEnd = start;
    }
    rest = bytes.subarray(0, lineEnd);
    position = from;
  }
  return { offset: 0, count: found };
}

function* linesBackwards(bytes: Buffer, end: number, leastStart: number) {
  for (let lineEnd = end; lineEnd > 0; ) {
    const start = lineEnd < 2 ? 0 : bytes.lastIndexOf(NEWLINE, lineEnd - 2) + 1;
    if (start < leastStart) return;
    yield { start, line: bytes.toString('utf8', start, lineEnd - 1) };
    lineEnd = start;
  }
}

async function readExactly(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, from + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
