import { expect, test } from "vitest";
import type { SessionSummary } from "../../../protocol/session.ts";
import type { Appearance } from "../../../sidebar/marks.ts";
import type { Model } from "../../../sidebar/model.ts";
import { configuredKeys } from "../../../runtime/keybindings.ts";
import { screenLines } from "../../../sidebar/rows.ts";
import type { ScreenLine } from "../../../sidebar/spans.ts";
import { update } from "../../../sidebar/update.ts";
import { lineOf } from "../../../runtime/line-editor.ts";
import { cellWidth } from "../../../runtime/cell-width.ts";
import { KEYS, modelOf, NOW, session, status } from "./sessions.ts";

const PLAIN: Appearance = { colours: 256, unicode: true };

const sized = (cols: number, ...sessions: SessionSummary[]) => modelOf(sessions, { cols, rows: 12 });
const lines = (model: Model, appearance = PLAIN, now = NOW) => screenLines(model, { appearance, keys: KEYS }, now);
const textOf = ({ spans }: ScreenLine) => spans.flatMap(({ cells }) => cells.map(({ text }) => text)).join("");
const drawn = (model: Model, appearance = PLAIN) => lines(model, appearance).map(textOf);

const EXAMPLES = [
  session("aaaaaaaa", { title: "Fix the auth bug in login.go", status: status("working"), views: 2, createdAt: 5 }),
  session("bbbbbbbb", { title: "Add pagination", status: status("waiting"), createdAt: 4 }),
  session("cccccccc", { title: "Done and not seen", status: status("idle", { unseen: true }), createdAt: 3 }),
  session("dddddddd", { title: "Refactor database layer", kind: "resumable", createdAt: 2 }),
];

test("at 40 columns", () => {
  expect(drawn(sized(40, ...EXAMPLES)).slice(0, 6)).toEqual([
    " pisync                         ◆1 ◉1 ●1",
    "▼ ~/project                             ",
    " ● Fix the auth bug in login.go    ×2 1m",
    " ◆ Add pagination                     1m",
    " ◉ Done and not seen                  1m",
    " ○ Refactor database layer           30s",
  ]);
});

test("at 20 columns titles come first", () => {
  expect(drawn(sized(20, ...EXAMPLES)).slice(1, 4)).toEqual([
    "▼ ~/project         ",
    " ● Fix the auth bug…",
    " ◆ Add pagination   ",
  ]);
});

test("on a wide screen each is told in the words of the list", () => {
  const ended = { kind: "resumable", agent: "command", status: status("exited") } as const;
  const endings = [{ cause: "killed" }, { cause: "exited", exitCode: 3 }, { cause: "exited", exitCode: 0 }] as const;
  const sessions = [
    session("running2", { agent: "command", status: status("working", { source: "process" }) }),
    ...endings.map((ending, index) =>
      session(`ended22${index + 2}`, { ...ended, ending: { at: NOW, interrupted: false, ...ending } }),
    ),
  ];
  const facts = drawn(sized(60, ...sessions)).slice(2, 6);
  expect(facts.map((line) => line.replace(/.* title of \w+ +/, ""))).toEqual([
    ...["running 1m", "failed (3) 30s", "killed 30s", "30s"],
  ]);
});

test("in ASCII", () => {
  expect(drawn(sized(30, ...EXAMPLES), { colours: 0, unicode: false }).slice(1, 4)).toEqual([
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
  for (const line of drawn(sized(cols, ...sessions))) expect([cols, 0]).toContain(cellWidth(line));
});

test("nothing of a hostile title is left but text", () => {
  const hostile = session("aaaaaaaa", { title: "a\u001b]0;x\u0007b\u009bc\u202e{red-fg}" });
  expect(drawn(sized(40, hostile)).join("")).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
});

test("the footer says where the list goes on, also beside a filter, and without Unicode or colour", () => {
  const many = Array.from({ length: 20 }, (_, index) => session(`many22${index + 10}`));
  const model = sized(20, ...many);
  const footerAt = (top: number, appearance = PLAIN) => drawn({ ...model, top }, appearance).at(-1);
  expect([0, 4, 11].map((top) => footerAt(top))).toEqual([
    " ? help            ↓",
    " ? help           ↑↓",
    " ? help           ↑ ",
  ]);
  expect(footerAt(4, { colours: 0, unicode: false })).toBe(" ? help           ^v");
  const filter = { line: lineOf("title"), editing: true, before: { selected: undefined, top: 0 } };
  expect(drawn({ ...model, filter }).at(-1)).toBe("/title             ↓");
  expect(drawn(sized(20, ...EXAMPLES)).at(-1)).toBe(" ? help             ");
});

test("a notice is shown whole, over the end of the list, and a click there is not meant for the list", () => {
  const text = "tmux: no space for new pane Make the window larger, or close a pane.";
  const many = Array.from({ length: 20 }, (_, index) => session(`many22${index + 10}`));
  const { model } = update(sized(24, ...many), { type: "notice", notice: { kind: "error", text } }, KEYS);
  const shown = drawn(model);
  expect(shown).toHaveLength(12);
  expect(shown.slice(-4)).toEqual([
    " tmux: no space for new ",
    " pane Make the window   ",
    " larger, or close a     ",
    " pane.                  ",
  ]);
  const modifiers = { shift: false, alt: false, ctrl: false };
  const click = { type: "mouse", action: "press", column: 3, row: 9, modifiers } as const;
  const clicked = update(model, { type: "input", event: click }, KEYS);
  expect(clicked.effects).toEqual([]);
  expect(clicked.model.notice).toBeUndefined();
});

test("help shows the keys as configured and scrolls to its end, not further", () => {
  const keys = configuredKeys({ kill: ["ctrl-x"], dismiss: [] });
  const press = (model: Model, name: string) =>
    update(model, { type: "input", event: { type: "key", name } }, keys).model;
  let model = press(sized(40), "?");
  const whole: string[] = [];
  for (let page = 0; page < 10; page++) {
    whole.push(...screenLines(model, { appearance: PLAIN, keys }, NOW).map(textOf));
    model = press(model, "pagedown");
  }
  expect(whole.join("\n")).toContain("ctrl-x kill, after asking");
  expect(whole.join("\n")).not.toContain("dismiss");
  expect(screenLines(model, { appearance: PLAIN, keys }, NOW).map(textOf)).toContainEqual(
    expect.stringContaining("with Alt: show it here"),
  );
});

test("the footer says what Esc does where it leads somewhere", () => {
  const model = sized(40, session("aaaaaaaa"));
  const footerWith = (back: Model["back"]) =>
    drawn({ ...model, back })
      .at(-1)
      ?.trimEnd();
  expect(footerWith({ type: "close" })).toBe(" ? help  Esc closes  / filter  n new");
  expect(footerWith({ type: "open", session: "aaaaaaaa", here: true })).toBe(" ? help  Esc back  / filter  n new");
  expect(footerWith({ type: "open", session: "gone2345", here: true })).toBe(" ? help  / filter  n new");
});

test("the footer of the help says that it goes on", () => {
  const press = (model: Model, name: string) =>
    update(model, { type: "input", event: { type: "key", name } }, KEYS).model;
  let model = press(sized(20), "?");
  const footers = [drawn(model).at(-1)];
  for (let page = 0; page < 10; page++) {
    model = press(model, "pagedown");
    footers.push(drawn(model).at(-1));
  }
  expect([footers[0], footers[1], footers.at(-1)]).toEqual([
    " Esc leaves        ↓",
    " Esc leaves       ↑↓",
    " Esc leaves       ↑ ",
  ]);
});

test("working pulses", () => {
  const model = sized(40, EXAMPLES[0] as SessionSummary);
  const weightOf = (now: number) => lines(model, PLAIN, now)[2]?.spans[1]?.style.bold ?? false;
  expect([weightOf(NOW), weightOf(NOW + 500), weightOf(NOW + 1000)]).toEqual([true, false, true]);
});

test("a long path keeps its end", () => {
  const model = sized(24, session("aaaaaaaa", { cwd: "/very/long/path/that/ends/with/service" }));
  expect(drawn(model)[1]).toBe("▼ …hat/ends/with/service");
});
