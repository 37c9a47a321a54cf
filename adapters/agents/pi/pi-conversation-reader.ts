import type { ConversationReader } from "../conversation-adapter.ts";
import { passages } from "./conversation-passages.ts";
import { emptyReading, isConversationFile, read } from "./conversation-reader.ts";

/** How pi's conversations are read, and nothing else: a thread that reads need not load the rest. Holds nothing. */
export const piConversationReader: ConversationReader = { isConversationFile, emptyReading, read, passages };
