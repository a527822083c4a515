/** Runs pieces of work with the same key one after the other, and those with other keys side by side. */
export interface KeyedLock {
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
}

export function createKeyedLock(): KeyedLock {
  const tails = new Map<string, Promise<void>>();
  return {
    run: async (key, work) => {
      const result = (tails.get(key) ?? Promise.resolve()).then(work);
      // A failure belongs to whoever asked for that work, not to the next in line.
      const tail: Promise<void> = result.then(
        () => undefined,
        () => undefined,
      );
      tails.set(key, tail);
      await tail;
      if (tails.get(key) === tail) tails.delete(key);
      return await result;
    },
  };
}
