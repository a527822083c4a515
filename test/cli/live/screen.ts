/** What a terminal shows of a text: enough of ECMA-48 for the live view, with the lines that have left the screen above. */
export class Screen {
  readonly above: string[] = [];
  isCursorShown = true;
  #rows: string[][] = [[]];
  #row = 0;
  #column = 0;

  readonly #width: number;
  readonly #height: number;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
  }

  /** The screen, without what is blank at the ends of lines and below. */
  lines(): string[] {
    return this.#rows.map((row) => row.join('').trimEnd());
  }

  write(text: string): this {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a terminal reads
    for (const [one] of text.matchAll(/\u001b\[[0-?]*[ -/]*[@-~]|./gsu)) this.#take(one);
    return this;
  }

  #take(one: string): void {
    if (one === '\r') this.#column = 0;
    else if (one === '\n') this.#down();
    else if (one.startsWith('\u001b')) this.#control(one);
    else this.#put(one);
  }

  #control(sequence: string): void {
    const row = this.#rows[this.#row] ?? [];
    if (sequence === '\u001b[?25l') this.isCursorShown = false;
    else if (sequence === '\u001b[?25h') this.isCursorShown = true;
    else if (sequence.endsWith('A')) this.#row = Math.max(0, this.#row - Number(sequence.slice(2, -1)));
    else if (sequence === '\u001b[K') row.length = Math.min(row.length, this.#column);
    else if (sequence === '\u001b[J') {
      row.length = Math.min(row.length, this.#column);
      this.#rows.length = this.#row + 1;
    } else if (!sequence.endsWith('m') && !sequence.includes('?2026')) {
      throw new Error(`unknown sequence ${JSON.stringify(sequence)}`);
    }
  }

  #put(character: string): void {
    if (this.#column >= this.#width) {
      this.#column = 0;
      this.#down();
    }
    const row = this.#rows[this.#row] ?? [];
    while (row.length < this.#column) row.push(' ');
    row[this.#column] = character;
    this.#column += 1;
  }

  /** As after ONLCR: the next line, from its beginning. */
  #down(): void {
    this.#column = 0;
    this.#row += 1;
    this.#rows[this.#row] ??= [];
    if (this.#row < this.#height) return;
    this.above.push((this.#rows.shift() ?? []).join('').trimEnd());
    this.#row -= 1;
  }
}
