import { expect, test } from "vitest";
import { lineOf } from "../../../runtime/line-editor.ts";
import { rowsOf } from "../../../sidebar/list.ts";
import type { Model } from "../../../sidebar/model.ts";
import type { Ending, SessionSummary } from "../../../protocol/session.ts";
import { modelOf, NOW, session, status } from "./sessions.ts";

function listOf(sessions: SessionSummary[], change: Partial<Model> = {}): Model {
  return { ...modelOf(sessions), ...change };
}

const keysOf = (model: Model) => rowsOf(model).map(({ key }) => key);

test("directories with something live come first, by name; live, external, resumable in each", () => {
  const model = listOf([
    session("past2222", { kind: "resumable", cwd: "/a/past", updatedAt: NOW }),
    session("outside2", { kind: "external", cwd: "/b" }),
    session("resume22", { kind: "resumable", cwd: "/c" }),
    session("live2222", { cwd: "/c" }),
  ]);
  expect(keysOf(model)).toEqual(["g:/b", "s:outside2", "g:/c", "s:live2222", "s:resume22", "g:/a/past", "s:past2222"]);
});

test("status and activity move no live entry", () => {
  const before = [session("aaaaaaaa", { createdAt: 1 }), session("bbbbbbbb", { createdAt: 2 })];
  const after = [
    session("aaaaaaaa", { createdAt: 1, updatedAt: NOW + 1, status: status("working") }),
    session("bbbbbbbb", { createdAt: 2, status: status("error") }),
  ];
  expect(keysOf(listOf(after))).toEqual(keysOf(listOf(before)));
});

test("a folded directory is one row with what it hides", () => {
  const sessions = [session("aaaaaaaa"), session("bbbbbbbb"), session("cccccccc", { kind: "resumable" })];
  const model = listOf(sessions, { folded: new Set(["/home/me/project"]) });
  expect(rowsOf(model)).toMatchObject([{ kind: "group", folded: true, sessions: [{}, {}, {}] }]);
});

test("of many resumable conversations the newest are shown, and how many more there are", () => {
  const past = Array.from({ length: 9 }, (_, index) =>
    session(`past${index + 2}222`, { kind: "resumable", updatedAt: NOW - index }),
  );
  const model = listOf(past);
  expect(rowsOf(model).map(({ kind }) => kind)).toEqual([
    "group",
    ...Array.from({ length: 5 }, () => "session"),
    "more",
  ]);
  expect(rowsOf(model).at(-1)).toMatchObject({ hidden: 4 });
  expect(rowsOf({ ...model, expanded: new Set(["/home/me/project"]) })).toHaveLength(10);
});

test("commands that ended hide no conversation, and those that failed come before the others", () => {
  const command = (id: string, ending: Partial<Ending>) =>
    session(id, {
      kind: "resumable",
      agent: "command",
      ending: { at: NOW, cause: "exited", interrupted: false, ...ending },
      updatedAt: NOW,
    });
  const killed = Array.from({ length: 14 }, (_, index) =>
    command(`killed${index + 22}`, { cause: "killed", signal: 15 }),
  );
  const model = listOf([
    command("well2222", { exitCode: 0 }),
    ...killed,
    command("failed22", { exitCode: 1 }),
    session("talked22", { kind: "resumable", updatedAt: 1 }),
    // Used last through one of its commands, it keeps its place.
    session("elsewher", { kind: "resumable", cwd: "/elsewhere", updatedAt: NOW - 1 }),
  ]);
  expect(keysOf(model).slice(0, 3)).toEqual(["g:/home/me/project", "s:talked22", "s:failed22"]);
});

test("a filter finds by title and directory, folded or not, the best first", () => {
  const sessions = [
    session("aaaaaaaa", { title: "Fix login", cwd: "/one" }),
    session("bbbbbbbb", { title: "Write docs", cwd: "/two/login" }),
    session("cccccccc", { title: "Unrelated", cwd: "/three" }),
  ];
  const filter = { line: lineOf("login"), editing: true, before: { selected: undefined, top: 0 } };
  const model = listOf(sessions, { filter, folded: new Set(["/one"]) });
  expect(keysOf(model).filter((key) => key.startsWith("s:"))).toEqual(["s:aaaaaaaa", "s:bbbbbbbb"]);
});
