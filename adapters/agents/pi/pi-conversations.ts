import type { ConversationAdapter } from "../conversation-adapter.ts";
import { conversationRoots } from "./conversation-roots.ts";
import { verdict } from "./conversation-verdict.ts";
import { piConversationReader } from "./pi-conversation-reader.ts";
import { retryLimits } from "./retry-settings.ts";

/** How pi's conversations are found and read. Holds nothing. */
export function createPiConversations(): ConversationAdapter {
  return { ...piConversationReader, roots: conversationRoots, verdict, retryLimits };
}
