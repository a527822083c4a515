/** What an error says, to be put into a sentence. */
export function firstLineOf(error: unknown): string {
  const [firstLine] = (error instanceof Error ? error.message : String(error)).split('\n');
  return (firstLine ?? '').replace(/\.$/, '');
}
