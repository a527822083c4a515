import { StringDecoder } from 'node:string_decoder';

/**
 * Cuts a stream of bytes into lines, whole UTF-8 characters only. What a line has beyond the limit is counted, not kept:
 * a program that never ends its line must not fill the memory.
 */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  #line = '';
  #dropped = 0;
  readonly #limit: number;

  /** @param limit characters of a line that are kept */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The lines that this chunk completes. */
  push(chunk: Buffer): string[] {
    return this.#take(this.#decoder.write(chunk));
  }

  /** The last line, when it has no end. */
  end(): string[] {
    const lines = this.#take(this.#decoder.end());
    return this.#line === '' ? lines : [...lines, this.#finish()];
  }

  #take(text: string): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      this.#extend(text.slice(from, end));
      lines.push(this.#finish());
      from = end + 1;
    }
    this.#extend(text.slice(from));
    return lines;
  }

  #extend(text: string): void {
    const kept = text.slice(0, this.#limit - this.#line.length);
    this.#line += kept;
    this.#dropped += text.length - kept.length;
  }

  #finish(): string {
    const line = this.#line.replace(/\r$/, '');
    const finished = this.#dropped === 0 ? line : `${line}… [${this.#dropped} more characters cut]`;
    this.#line = '';
    this.#dropped = 0;
    return finished;
  }
}
