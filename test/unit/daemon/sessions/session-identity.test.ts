import { expect, test } from "vitest";
import { createSessionIdentities, sessionIdOf } from "../../../../daemon/sessions/session-identity.ts";
import { SessionId } from "../../../../protocol/ids.ts";

test("a conversation's session id is always the same, and a session id", () => {
  expect(sessionIdOf("0198c4f2-one")).toBe(sessionIdOf("0198c4f2-one"));
  const ids = Array.from({ length: 10_000 }, (_, index) => sessionIdOf(`conversation-${index}`));
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(SessionId.safeParse(id).success).toBe(true);
  expect(new Set(ids.flatMap((id) => [...id])).size).toBe(32);
});

test("an id that a session has already is left to it, and so is the one of another conversation", () => {
  const taken = new Set([sessionIdOf("one"), sessionIdOf("one", 1)]);
  const identities = createSessionIdentities((id) => taken.has(id));
  expect(identities.of("one")).toBe(sessionIdOf("one", 2));
  expect(identities.of("two")).toBe(sessionIdOf("two"));
  expect(identities.conversationOf(sessionIdOf("two"))).toBe("two");
});

test("an id stays until it is given up", () => {
  const taken = new Set<string>();
  const identities = createSessionIdentities((id) => taken.has(id));
  const first = identities.of("one");
  taken.add(first);
  expect(identities.of("one")).toBe(first);
  identities.forget("one");
  expect(identities.of("one")).toBe(sessionIdOf("one", 1));
  expect(identities.conversationOf(first)).toBeUndefined();
});
