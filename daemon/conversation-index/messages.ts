import type { ConversationRoot } from "../../adapters/agents/conversation-adapter.ts";
import type { ErrorBody } from "../../protocol/errors.ts";
import type { IndexState } from "../../protocol/daemon-state.ts";
import type { SearchHit } from "../../protocol/search.ts";
import type { LogFacts } from "../../runtime/log.ts";

/** What the index thread is started with. */
export interface IndexThreadData {
  stateDirectory: string;
  roots: ConversationRoot[];
}

/** What the daemon's main thread asks of the index thread. Each `id` is answered once. */
export type IndexRequest =
  | { ask: "watch"; root: ConversationRoot }
  | { ask: "search"; id: number; words: string; limit: number }
  | { ask: "recent-text"; id: number; path: string; maxBytes: number }
  | { ask: "close" };

/** A conversation that matches a search. */
export type FoundConversation = Pick<SearchHit, "snippet" | "matches" | "where" | "at"> & { path: string };

/** A file that was read. Its reading is JSON, so that each reading is parsed once, where it is used. */
export type ToldFile = [path: string, reading: string, size: number, writtenAt: number];

/** What the index thread tells the daemon's main thread. */
export type IndexReport =
  | { tell: "files"; changed: ToldFile[]; removed: string[] }
  /** Other paths, through links, of folders and files that were told: from, to. */
  | { tell: "links"; links: [string, string][] }
  | { tell: "state"; state: Omit<IndexState, "conversations"> }
  /** Every file that there is has been told once. */
  | { tell: "scanned" }
  | { tell: "answer"; id: number; answer: FoundConversation[] | string }
  | { tell: "refusal"; id: number; refusal: ErrorBody }
  | { tell: "log"; level: "info" | "warn" | "error"; event: string; facts: LogFacts };
