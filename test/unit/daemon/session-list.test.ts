import { expect, test } from "vitest";
import { listSessions, summarise } from "../../../daemon/session-list.ts";
import { SessionSummary, type SessionRecord } from "../../../protocol/session.ts";
import { HOST, hostState, sessionRecord } from "../../fixtures/daemon/records.ts";

const entry = (record: SessionRecord, resumable = true) => ({ record, resumable });
const ids = (records: SessionRecord[]) => listSessions(records.map((record) => entry(record))).map(({ id }) => id);

test("the title is the name, else the first message, else the command line, always in plain text", () => {
  const title = (change: Partial<SessionRecord>) => {
    const { title, titleSource } = summarise(entry(sessionRecord("abcdefgh", change)));
    return [title, titleSource];
  };
  const argv = ["pi", "-c"];
  expect(title({ argv, firstMessage: "hello", name: "mine" })).toEqual(["mine", "name"]);
  expect(title({ argv, firstMessage: "hello", name: " \u200b " })).toEqual(["hello", "first-message"]);
  expect(title({ argv })).toEqual(["pi -c", "command"]);
  expect(title({ argv: ["\u001b[2J"] })).toEqual(["pi", "command"]);
  expect(title({ firstMessage: `fix \u001b]0;x\u0007the\n${"word ".repeat(40)}` })[0]).toMatch(/^fix the( word){14}…$/);
});

test("live sessions come before resumable ones, newest first, and activity moves nothing", () => {
  const records = [
    sessionRecord("aaaaaaaa", { createdAt: 1, updatedAt: 9 }),
    sessionRecord("bbbbbbbb", { createdAt: 2, host: HOST }),
    sessionRecord("cccccccc", { createdAt: 3 }),
    sessionRecord("dddddddd", { createdAt: 4, host: HOST }),
    sessionRecord("eeeeeeee", { createdAt: 4, host: HOST }),
  ];
  expect(ids(records)).toEqual(["dddddddd", "eeeeeeee", "bbbbbbbb", "cccccccc", "aaaaaaaa"]);
  expect(ids(records.reverse())).toEqual(["dddddddd", "eeeeeeee", "bbbbbbbb", "cccccccc", "aaaaaaaa"]);
});

test("a conversation is one entry: the live session's, else that of the last one to hold it", () => {
  const conversation = { id: "one" };
  const older = sessionRecord("aaaaaaaa", { conversation, createdAt: 5, updatedAt: 5 });
  const newer = sessionRecord("bbbbbbbb", { conversation, createdAt: 4, updatedAt: 8 });
  const live = sessionRecord("cccccccc", { conversation, createdAt: 1, updatedAt: 1, host: HOST });
  const other = sessionRecord("dddddddd", { conversation: { id: "two" }, createdAt: 0 });
  expect(ids([older, newer, other])).toEqual(["bbbbbbbb", "dddddddd"]);
  expect(ids([older, newer, live, other])).toEqual(["cccccccc", "dddddddd"]);
});

test("sessions without a conversation are entries of their own; what cannot be resumed is left out", () => {
  const sessions = [
    entry(sessionRecord("aaaaaaaa", { agent: "command" })),
    entry(sessionRecord("bbbbbbbb", { agent: "command" })),
    entry(sessionRecord("cccccccc"), false),
    entry(sessionRecord("dddddddd", { host: HOST }), false),
  ];
  expect(listSessions(sessions).map(({ id }) => id)).toEqual(["dddddddd", "aaaaaaaa", "bbbbbbbb"]);
});

test("a live session's facts are its host's", () => {
  const record = sessionRecord("abcdefgh", {
    host: { ...HOST, child: { pid: 77, startTime: "1" } },
    conversation: { id: "one" },
    attribution: { evidence: "launch" },
  });
  const state = hostState(record, {
    status: { state: "working", since: 5, source: "extension" },
    views: [{ mode: "mirror", size: { cols: 1, rows: 1 } }],
  });
  const summary = summarise({ ...entry(record), state });
  expect(summary).toMatchObject({ kind: "live", pid: 77, views: 1, socket: HOST.socket, hostVersion: "0.1.0" });
  expect(summary.status).toEqual(state.status);
  expect(summary).not.toHaveProperty("ending");
  expect(SessionSummary.parse(summary)).toEqual(summary);
});

test("an ended session says how it ended, and absent facts are absent fields", () => {
  const at = 7;
  const ended = (interrupted: boolean) =>
    summarise(entry(sessionRecord("abcdefgh", { ending: { at, cause: "host-died", interrupted } })));
  expect(ended(true).status).toEqual({ state: "interrupted", since: at, source: "process" });
  expect(ended(false).status).toEqual({ state: "exited", since: at, source: "process" });
  expect(Object.keys(ended(false)).sort()).toEqual(
    ["agent", "createdAt", "cwd", "ending", "generation", "id", "kind", "status"]
      .concat(["title", "titleSource", "updatedAt", "views"])
      .sort(),
  );
});

test("a conversation that cannot be gone back to is not told once its session has ended", () => {
  const change = { conversation: { id: "one" }, attribution: { evidence: "extension" } } as const;
  const ended = summarise(entry(sessionRecord("abcdefgh", change), false));
  expect(ended).not.toHaveProperty("conversation");
  expect(ended).not.toHaveProperty("attribution");
  const live = summarise(entry(sessionRecord("abcdefgh", { ...change, host: HOST }), false));
  expect(live).toMatchObject(change);
});
