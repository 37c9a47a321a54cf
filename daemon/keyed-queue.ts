/** Runs tasks that share a key one after another, in the order they came; others run at the same time. */
export interface KeyedQueue {
  /** Waits for every earlier task that has one of these keys, then runs. Rejects with what the task rejects with. */
  run<T>(keys: readonly string[], task: () => Promise<T>): Promise<T>;
  /** Resolves once every task with a key that runs or waits now has ended. Never rejects. */
  idle(): Promise<void>;
}

export function createKeyedQueue(): KeyedQueue {
  const last = new Map<string, Promise<void>>();
  return {
    async run(keys, task) {
      const unique = [...new Set(keys)];
      // Looked up and entered in one step, so that two tasks never wait for each other.
      const earlier = unique.flatMap((key) => last.get(key) ?? []);
      const { promise: done, resolve: finish } = Promise.withResolvers<void>();
      for (const key of unique) last.set(key, done);
      try {
        await Promise.all(earlier);
        return await task();
      } finally {
        finish();
        for (const key of unique) if (last.get(key) === done) last.delete(key);
      }
    },
    async idle() {
      await Promise.all(last.values());
    },
  };
}
