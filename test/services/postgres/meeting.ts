/** Resolves for everybody when everybody has come. */
export function meetingOf(count: number): () => Promise<void> {
  let open: () => void = () => undefined;
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  let come = 0;
  return async () => {
    come += 1;
    if (come >= count) open();
    await all;
  };
}
