import { expect, test } from "vitest";
import { forPeople } from "../../../cli/commands/list.ts";
import type { SessionSummary } from "../../../protocol/session.ts";

function session(id: string, fields: Partial<SessionSummary> = {}): SessionSummary {
  return {
    id,
    kind: "resumable",
    agent: "pi",
    title: id,
    titleSource: "command",
    cwd: "/work",
    generation: 1,
    views: 0,
    createdAt: 1,
    updatedAt: 1,
    ...fields,
  };
}

function command(id: string, exitCode: number): SessionSummary {
  return session(id, { agent: "command", ending: { at: 1, cause: "exited", exitCode, interrupted: false } });
}

const ids = (sessions: readonly SessionSummary[]) => sessions.map(({ id }) => id);

test("what is live comes first, then conversations, then commands that failed; those that ended well are hidden", () => {
  const sessions = [
    command("well", 0),
    command("failed", 3),
    session("conversation"),
    session("live", { kind: "live", agent: "command" }),
  ];
  expect(ids(forPeople(sessions, { all: false }))).toEqual(["live", "conversation", "failed"]);
  expect(ids(forPeople(sessions, { all: true }))).toEqual(["live", "conversation", "well", "failed"]);
});

test("of the conversations the newest 20 are shown, of failed commands the newest 5, and of live sessions all", () => {
  const many = <T>(make: (id: string) => T, name: string) =>
    Array.from({ length: 25 }, (_, index) => make(`${name}${index}`));
  const sessions = [
    ...many((id) => command(id, 1), "failed"),
    ...many((id) => session(id), "conversation"),
    ...many((id) => session(id, { kind: "live" }), "live"),
  ];
  const shown = ids(forPeople(sessions, { all: false }));
  expect(shown).toHaveLength(25 + 20 + 5);
  expect(shown.slice(25, 46)).toEqual([...Array.from({ length: 20 }, (_, index) => `conversation${index}`), "failed0"]);
  expect(shown.at(-1)).toBe("failed4");
  expect(forPeople(sessions, { all: true })).toHaveLength(75);
});
