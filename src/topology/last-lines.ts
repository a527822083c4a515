export type OutputStream = 'stdout' | 'stderr';

/** Lines kept for the error message of a service that fails. */
const LAST_LINES = 20;
/**
 * Room that is kept for stderr: the two streams come through two pipes in no certain order, and what a dying program
 * says on stderr is most often the reason.
 */
const STDERR_LINES = 10;

interface KeptLine {
  readonly order: number;
  readonly text: string;
}

/** The last lines that a service wrote, in the order in which they came. */
export class LastLines {
  #order = 0;
  #kept: Record<OutputStream, readonly KeptLine[]> = { stdout: [], stderr: [] };

  add(stream: OutputStream, texts: readonly string[]): void {
    const lines = texts.slice(-LAST_LINES).map((text) => ({ order: this.#order++, text }));
    this.#kept[stream] = [...this.#kept[stream], ...lines].slice(-LAST_LINES);
  }

  texts(): string[] {
    const { stdout, stderr } = this.#kept;
    const sure = stderr.slice(-STDERR_LINES);
    const rest = [...stdout, ...stderr.slice(0, -STDERR_LINES)].sort(byOrder);
    const chosen = [...rest.slice(Math.max(0, rest.length + sure.length - LAST_LINES)), ...sure];
    return chosen.sort(byOrder).map(({ text }) => text);
  }
}

const byOrder = (a: KeptLine, b: KeptLine) => a.order - b.order;
