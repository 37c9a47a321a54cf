import { dirname } from "node:path";
import type { ConversationRoot } from "../../adapters/agents/conversation-adapter.ts";
import type { ConversationIndex } from "./conversation-index.ts";
import type { SessionRecords } from "../sessions/session-records.ts";

/** Of those that the index takes, so that some stay for what runs; the others are found when a session is resumed. */
const MAX_PLACES = 256;

/**
 * Has the index look also where sessions have their conversations, when that is in none of `roots`: they were started
 * with another session directory. Returns how to stop.
 */
export function watchRecordedPlaces(
  records: Pick<SessionRecords, "all" | "get" | "onChange">,
  index: Pick<ConversationIndex, "watch">,
  roots: readonly ConversationRoot[],
): () => void {
  const places = new Set<string>();

  function take(path: string | undefined): void {
    if (path === undefined || places.size >= MAX_PLACES) return;
    const folder = dirname(path);
    if (places.has(folder) || roots.some((root) => root.path === (root.depth === 0 ? folder : dirname(folder)))) return;
    places.add(folder);
    index.watch({ path: folder, depth: 0 });
  }

  for (const { record } of records.all()) take(record.conversation?.path);
  return records.onChange((id) => take(records.get(id)?.record.conversation?.path));
}
