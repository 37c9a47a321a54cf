import type { SearchHit, SearchQuery } from "../../protocol/search.ts";
import type { SessionSummary } from "../../protocol/session.ts";
import type { ConversationIndex } from "../conversation-index/conversation-index.ts";
import { parseQuery, patternOf } from "../conversation-index/query.ts";
import { snippetOf } from "../conversation-index/snippet.ts";
import type { SessionList } from "../sessions/session-list.ts";

/**
 * The entries that match, the best first: those whose name has all of the words, and titles that stand in no file that
 * is indexed (of commands), then what the index finds, each conversation once.
 * @throws PisyncError as `ConversationIndex.search`.
 */
export async function searchSessions(
  query: SearchQuery,
  { index, sessions }: { index: Pick<ConversationIndex, "search" | "get">; sessions: SessionList },
): Promise<SearchHit[]> {
  const hits = new Map<string, SearchHit>();
  const add = (hit: SearchHit) => hits.has(hit.session.id) || hits.set(hit.session.id, hit);
  const found = await index.search(query);
  const patterns = parseQuery(query.q).map(patternOf);
  for (const session of sessions.all()) {
    const hit = mayBeInNoFile(session) ? titleHit(session, patterns) : undefined;
    if (hit !== undefined) add(hit);
  }
  for (const { path, ...place } of found) {
    const conversation = index.get(path)?.reading.header.id;
    const session = conversation === undefined ? undefined : sessions.ofConversation(conversation);
    if (session !== undefined) add({ session, ...place });
  }
  return [...hits.values()].slice(0, query.limit);
}

/** A name may not have reached the file yet. */
function mayBeInNoFile({ messages, titleSource }: SessionSummary): boolean {
  return messages === undefined || titleSource === "name";
}

function titleHit(session: SessionSummary, patterns: RegExp[]): SearchHit | undefined {
  if (patterns.length === 0) return undefined;
  const found = snippetOf(session.title, patterns);
  if (found?.terms !== patterns.length) return undefined;
  const { snippet, matches } = found;
  return { session, snippet, matches, where: "title", at: session.updatedAt };
}
