import { expect, test } from "vitest";
import type { AgentProcess } from "../../../../adapters/agents/process-adapter.ts";
import { externalIdOf, isOwn } from "../../../../daemon/external/external-sessions.ts";
import { SessionId } from "../../../../protocol/ids.ts";
import type { SessionRecord } from "../../../../protocol/session.ts";

const NOW = 1_000_000;
const agent = (environment: Record<string, string>, change: Partial<AgentProcess> = {}): AgentProcess => ({
  process: { pid: 42, startTime: "1@boot" },
  startedAt: NOW - 60_000,
  cwd: "/work",
  tty: "/dev/pts/3",
  leader: 42,
  environment,
  conversationRoots: [],
  ...change,
});
const inSession = { PISYNC_SESSION: "abcdefgh" };
const record = (change: Partial<SessionRecord> = {}): SessionRecord => ({
  schemaVersion: 1,
  id: "abcdefgh",
  agent: "pi",
  generation: 1,
  argv: ["pi"],
  cwd: "/work",
  createdAt: 0,
  updatedAt: NOW - 60_000,
  host: {
    process: { pid: 40, startTime: "0@boot" },
    child: { pid: 42, startTime: "1@boot" },
    socket: "/s",
    version: "1",
    protocol: 1,
  },
  ...change,
});

test("the agent on the terminal of its session's host is the session's own, also behind wrappers", () => {
  expect(isOwn(agent(inSession), record(), NOW)).toBe(true);
  expect(isOwn(agent(inSession, { process: { pid: 44, startTime: "1@boot" } }), record(), NOW)).toBe(true);
});

test("one without a session, or on another terminal than the session's (a tmux started in it), is not", () => {
  expect(isOwn(agent({}), record(), NOW)).toBe(false);
  expect(isOwn(agent(inSession, { leader: 77 }), record(), NOW)).toBe(false);
});

test("one that somebody started by hand in a session of another program is not", () => {
  expect(isOwn(agent(inSession), record({ agent: "command" }), NOW)).toBe(false);
});

test("around the session's start and end, when its record does not say so yet, it is", () => {
  expect(isOwn(agent(inSession, { startedAt: NOW - 500 }), undefined, NOW)).toBe(true);
  expect(isOwn(agent(inSession), undefined, NOW)).toBe(false);
  expect(isOwn(agent(inSession), record({ host: undefined, updatedAt: NOW - 500 }), NOW)).toBe(true);
  expect(isOwn(agent(inSession), record({ host: undefined }), NOW)).toBe(false);
});

test("an external session's id is that of its process, in the alphabet of session ids", () => {
  const ids = new Set<string>();
  for (let pid = 1; pid <= 500; pid++)
    for (const startTime of ["1@a", "2@a"]) ids.add(externalIdOf({ pid, startTime }));
  expect(ids.size).toBe(1_000);
  for (const id of ids) expect(SessionId.safeParse(id).success).toBe(true);
  expect(externalIdOf({ pid: 7, startTime: "1@a" })).toBe(externalIdOf({ pid: 7, startTime: "1@a" }));
});
