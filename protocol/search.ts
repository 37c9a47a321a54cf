import * as z from "zod";
import { SessionSummary } from "./session.ts";
import { Count, Instant } from "./values.ts";

/** Of one answer. */
export const MAX_SEARCH_HITS = 100;

/** `GET /v1/search`. Words are found as beginnings of words; what stands between quotes as a phrase. */
export const SearchQuery = z.object({
  q: z.string().trim().min(1).max(400),
  limit: z.coerce.number().int().min(1).max(MAX_SEARCH_HITS).default(20),
});
export type SearchQuery = z.infer<typeof SearchQuery>;

/** One conversation that matches, the best first. */
export const SearchHit = z.object({
  session: SessionSummary,
  /** Where the words were found, on one line of plain text. */
  snippet: z.string(),
  /** The places in `snippet` that match, as [start, end) in UTF-16 code units. */
  matches: z.array(z.tuple([Count, Count])),
  where: z.enum(["title", "user", "agent", "summary", "command"]),
  /** When that was said, milliseconds since the epoch. */
  at: Instant,
});
export type SearchHit = z.infer<typeof SearchHit>;
