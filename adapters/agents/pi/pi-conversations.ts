import type { ConversationAdapter } from "../conversation-adapter.ts";
import { passages } from "./conversation-passages.ts";
import { emptyReading, read } from "./conversation-reader.ts";
import { conversationRoots, isConversationFile } from "./conversation-roots.ts";
import { verdict } from "./conversation-verdict.ts";
import { retryLimits } from "./retry-settings.ts";

/** How pi's conversations are found and read. Holds nothing; may be used on any thread. */
export function createPiConversations(): ConversationAdapter {
  return { roots: conversationRoots, isConversationFile, emptyReading, read, passages, verdict, retryLimits };
}
