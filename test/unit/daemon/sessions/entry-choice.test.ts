import { expect, test } from "vitest";
import { createEntryChoice } from "../../../../daemon/sessions/entry-choice.ts";
import type { Ending, SessionSummary } from "../../../../protocol/session.ts";

/** A session of pi that has ended and left no conversation. */
function isListed(ending: Partial<Ending>): boolean {
  const session: SessionSummary = {
    id: "abcdefgh",
    kind: "resumable",
    agent: "pi",
    title: "pi",
    titleSource: "command",
    cwd: "/work",
    views: 0,
    createdAt: 1,
    updatedAt: 2,
    ending: { at: 2, cause: "exited", interrupted: false, ...ending },
  };
  const choice = createEntryChoice({
    sessions: new Map([[session.id, session]]),
    found: new Map(),
    holdings: { sessionsOf: () => [] },
    identities: { conversationOf: () => undefined },
    heldAt: () => 0,
  });
  return choice.entryOf(session.id) === session;
}

test.each<[string, Partial<Ending>, boolean]>([
  ["failed", { exitCode: 1 }, true],
  ["was ended by a signal that nobody of pisync sent", { exitCode: 139, signal: 11 }, true],
  ["ended well", { exitCode: 0 }, false],
  ["was killed by its user", { cause: "killed", exitCode: 143, signal: 15 }, false],
  ["lost its host", { cause: "host-died" }, false],
])("a pi that %s without a conversation", (_how, ending, listed) => {
  expect(isListed(ending)).toBe(listed);
});
