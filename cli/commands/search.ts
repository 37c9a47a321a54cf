import { MAX_SEARCH_HITS, SearchQuery } from "../../protocol/search.ts";
import type { SearchAnswer } from "../../protocol/daemon-state.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { connectDaemon } from "../connect-daemon.ts";
import { noteIncomplete, untilScanned } from "../index-progress.ts";
import { lineContext } from "../line-context.ts";
import { numberOption } from "../numbers.ts";
import { EXIT, note, print, withProgress } from "../output.ts";
import { hitLines } from "../search-lines.ts";
import { runs } from "../session-facts.ts";

const USUAL_LIMIT = "20";

/** Exit code 1 when nothing was found, as grep has it. */
export async function search(words: readonly string[], options: { json?: boolean; limit?: string }): Promise<number> {
  const bounds = { max: MAX_SEARCH_HITS, next: "Try: pisync search --limit 50 login" };
  const query = { q: queryOf(words), limit: numberOption("--limit", options.limit ?? USUAL_LIMIT, bounds) };
  const client = await connectDaemon();
  await untilScanned(client);
  const answer = await withProgress("Searching", client.search(query));
  if (options.json) print(JSON.stringify(answer));
  else printHits(answer);
  return answer.hits.length > 0 ? EXIT.done : EXIT.failed;
}

/**
 * The words as the daemon takes them: an argument with white space in it is a phrase, because the shell has taken
 * the quotes that said so.
 * @throws PisyncError `usage`.
 */
export function queryOf(words: readonly string[]): string {
  const terms = words
    .map((word) => word.trim())
    .filter((word) => word !== "")
    .map((word) => (/\s/.test(word) && !word.includes('"') ? `"${word}"` : word));
  const query = SearchQuery.shape.q.safeParse(terms.join(" "));
  if (query.success) return query.data;
  const problem = terms.length === 0 ? "There is no word to search for." : "That is too much to search for.";
  throw new PisyncError("usage", problem, { next: "Try: pisync search login 'session check'" });
}

function printHits({ hits, index }: SearchAnswer): void {
  const context = lineContext();
  for (const [place, hit] of hits.entries()) {
    if (place > 0) print("");
    for (const line of hitLines(hit, context)) print(line);
  }
  const [best] = hits;
  if (best === undefined) note("pisync: Nothing was found.");
  else if (process.stdout.isTTY) {
    const { session } = best;
    note(`\n${runs(session) ? "Show one with: pisync attach" : "Bring one back with: pisync resume"} ${session.id}`);
  }
  noteIncomplete(index);
}
