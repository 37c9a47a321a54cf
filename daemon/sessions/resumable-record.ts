import type { SessionRecord } from "../../protocol/session.ts";
import type { KnownSession } from "./known-session.ts";
import { cwdOf } from "./session-summary.ts";

/** A record that its conversation can be resumed from: its own, or one made for a conversation found on disk. */
export function recordToResume(known: KnownSession): SessionRecord {
  const { id, entry, held, indexed } = known;
  const conversation = held?.conversation;
  if (entry !== undefined) return { ...entry.record, ...(conversation && { conversation }) };
  const { header, name, firstMessage } = indexed?.reading ?? {};
  const createdAt = header?.createdAt ?? 0;
  return {
    schemaVersion: 1,
    id,
    agent: "pi",
    generation: 1,
    argv: ["pi"],
    cwd: cwdOf(known),
    ...(name === undefined ? {} : { name }),
    ...(firstMessage === undefined ? {} : { firstMessage }),
    ...(conversation && { conversation }),
    createdAt,
    updatedAt: createdAt,
  };
}

/** A record without an ending was made for a conversation that pisync has not launched yet. */
export function nextGeneration({ generation, ending }: SessionRecord): number {
  return ending === undefined ? generation : generation + 1;
}
