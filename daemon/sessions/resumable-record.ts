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

/** What stays of a session that does not go back to its conversation: pi has to be told its name again. */
export function startedAnew(record: SessionRecord): SessionRecord {
  const isNamed = record.agent === "pi" && record.name !== undefined;
  return { ...record, conversation: undefined, attribution: undefined, namePending: isNamed ? true : undefined };
}

/** A record without an ending was made for a conversation that pisync has not launched yet. */
export function nextGeneration({ generation, ending }: SessionRecord): number {
  return ending === undefined ? generation : generation + 1;
}
