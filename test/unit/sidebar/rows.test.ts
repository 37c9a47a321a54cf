import { expect, test } from "vitest";
import type { SessionSummary } from "../../../protocol/session.ts";
import { emptyModel, type Model } from "../../../sidebar/model.ts";
import { screenLines, type ScreenLine } from "../../../sidebar/rows.ts";
import { configuredKeys } from "../../../sidebar/keybindings.ts";
import { update } from "../../../sidebar/update.ts";
import { cellWidth } from "../../../runtime/cell-width.ts";
import { NOW, session, status } from "./sessions.ts";

const PLAIN = { colour: true, unicode: true };

function modelOf(cols: number, ...sessions: SessionSummary[]): Model {
  const index = {
    state: "ready" as const,
    conversations: 0,
    scanned: 0,
    found: 0,
    since: 0,
    textPendingBytes: 0,
    troubles: [],
  };
  const empty = emptyModel({ cols, rows: 12 }, "/home/me");
  return update(empty, { type: "snapshot", sessions, index }, configuredKeys({})).model;
}

const textOf = ({ spans }: ScreenLine) => spans.flatMap(({ cells }) => cells.map(({ text }) => text)).join("");
const drawn = (model: Model, appearance = PLAIN) => screenLines(model, appearance, NOW).map(textOf);

const EXAMPLES = [
  session("aaaaaaaa", { title: "Fix the auth bug in login.go", status: status("working"), views: 2, createdAt: 5 }),
  session("bbbbbbbb", { title: "Add pagination", status: status("waiting"), createdAt: 4 }),
  session("cccccccc", { title: "Done and not seen", status: status("idle", { unseen: true }), createdAt: 3 }),
  session("dddddddd", { title: "Refactor database layer", kind: "resumable", createdAt: 2 }),
];

test("at 40 columns", () => {
  expect(drawn(modelOf(40, ...EXAMPLES)).slice(0, 6)).toEqual([
    " pisync                            ●1 ◆2",
    "▼ ~/project                             ",
    " ● Fix the auth bug in login.go    ×2 1m",
    " ◆ Add pagination                     1m",
    " ◉ Done and not seen                  1m",
    " ○ Refactor database layer           30s",
  ]);
});

test("at 20 columns titles come first", () => {
  expect(drawn(modelOf(20, ...EXAMPLES)).slice(1, 4)).toEqual([
    "▼ ~/project         ",
    " ● Fix the auth bug…",
    " ◆ Add pagination   ",
  ]);
});

test("in ASCII", () => {
  expect(drawn(modelOf(30, ...EXAMPLES), { colour: false, unicode: false }).slice(1, 4)).toEqual([
    "v ~/project                   ",
    " * Fix the auth bug in log~ 1m",
    " ? Add pagination           1m",
  ]);
});

test.each([20, 21, 32, 33, 60])("every line is %i cells wide, whatever is in the titles", (cols) => {
  const titles = [
    "日本語のタイトルがとても長い",
    "👍🏽 skin 👨‍👩‍👧 family ❤️ heart",
    "שלום עולם ארוך מאוד",
    "e\u0301".repeat(90),
    "\u001b[31m{bold}#(id)\u202e",
  ];
  const sessions = titles.map((title, index) => session(`wide${index + 2}222`, { title, cwd: `/home/me/${title}` }));
  for (const line of drawn(modelOf(cols, ...sessions))) expect([cols, 0]).toContain(cellWidth(line));
});

test("nothing of a hostile title is left but text", () => {
  const hostile = session("aaaaaaaa", { title: "a\u001b]0;x\u0007b\u009bc\u202e{red-fg}" });
  expect(drawn(modelOf(40, hostile)).join("")).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
});

test("working pulses", () => {
  const model = modelOf(40, EXAMPLES[0] as SessionSummary);
  const weightOf = (now: number) => screenLines(model, PLAIN, now)[2]?.spans[1]?.style.bold ?? false;
  expect([weightOf(NOW), weightOf(NOW + 500), weightOf(NOW + 1000)]).toEqual([true, false, true]);
});

test("a long path keeps its end", () => {
  const model = modelOf(24, session("aaaaaaaa", { cwd: "/very/long/path/that/ends/with/service" }));
  expect(drawn(model)[1]).toBe("▼ …hat/ends/with/service");
});
