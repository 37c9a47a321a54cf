import { stat } from "node:fs/promises";
import type { SessionRecord } from "../protocol/session.ts";

/**
 * Whether an ended session's conversation can be gone back to. pi creates its file with the first message, and none
 * for an ephemeral conversation, of which the extension knows that it has no path; any other path that is unknown may
 * still be found by id.
 */
export async function canResumeConversation({ conversation, attribution }: SessionRecord): Promise<boolean> {
  if (conversation === undefined) return false;
  const { path } = conversation;
  if (path === undefined) return attribution?.evidence !== "extension";
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
