/** Colours of ECMA-48 without a library: `status` is asked often, and has to answer at once. */
const CODES = { green: 32, yellow: 33, red: 31, dim: 2 } as const;
export type Paint = keyof typeof CODES;

export function paint(text: string, color: Paint | undefined): string {
  return color === undefined ? text : `\u001b[${CODES[color]}m${text}\u001b[0m`;
}
