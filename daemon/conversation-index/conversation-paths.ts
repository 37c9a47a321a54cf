import type { IndexChange } from "./known-conversations.ts";

/** Remembers which conversation each file held, so that a change of the index shows all that it concerns. */
export interface ConversationPaths {
  /** The ids of the conversations that have changed, come or gone. */
  concernedBy(change: IndexChange): Set<string>;
}

export function createConversationPaths(): ConversationPaths {
  const ids = new Map<string, string>();

  return {
    concernedBy({ changed, removed }) {
      const concerned = new Set<string>();
      const paths = [...removed, ...changed.map(({ path }) => path)];
      for (const before of paths.map((path) => ids.get(path))) if (before !== undefined) concerned.add(before);
      for (const path of removed) ids.delete(path);
      for (const { path, reading } of changed) {
        ids.set(path, reading.header.id);
        concerned.add(reading.header.id);
      }
      return concerned;
    },
  };
}
