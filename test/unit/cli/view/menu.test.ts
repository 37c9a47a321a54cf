import { expect, test } from "vitest";
import { menuAfter, menuLines, type MenuState } from "../../../../cli/view/menu.ts";
import { cellWidth } from "../../../../runtime/cell-width.ts";
import { lineOf } from "../../../../runtime/line-editor.ts";

const CHOICES: MenuState = { kind: "choices" };
const RENAME: MenuState = { kind: "rename", line: lineOf("") };

/** Presses keys by name and returns what is to be done, or else the last state. */
function press(state: MenuState, ...names: string[]) {
  let now = state;
  for (const name of names) {
    const text = [...name].length === 1 ? { text: name } : {};
    const step = menuAfter(now, { type: "key", name, ...text });
    if ("command" in step) return step.command;
    now = step.state;
  }
  return now;
}

test.each([
  ["a", "next"],
  ["g", "sessions"],
  ["d", "detach"],
  ["esc", "back"],
  ["q", "back"],
] as const)("%s does it at once: %s", (key, command) => {
  expect(press(CHOICES, key)).toEqual({ do: command });
});

test("a mirror is refused with what to do", () => {
  const state = press(CHOICES, "v") as MenuState;
  expect(menuLines(state, "one", 100)[0]).toMatch(/^ A mirror needs a second pane: run pisync in tmux/);
});

test("only y kills", () => {
  expect(press(CHOICES, "x", "y")).toEqual({ do: "kill" });
  expect(press(CHOICES, "x", "enter")).toEqual(CHOICES);
  expect(press(CHOICES, "x", "enter", "d")).toEqual({ do: "detach" });
});

test("a name is typed, pasted and corrected; an empty one is none", () => {
  const pasted = menuAfter(RENAME, { type: "paste", text: "new\nname" });
  expect("state" in pasted && press(pasted.state, "!", "backspace", "enter")).toEqual({
    do: "rename",
    name: "new name",
  });
  expect(press(RENAME, "enter")).toEqual({ do: "back" });
  expect(press(RENAME, "x", "esc")).toEqual(CHOICES);
});

test("a new name begins with the present one", () => {
  const step = menuAfter(CHOICES, { type: "key", name: "r", text: "r" }, "old");
  expect("state" in step && press(step.state, "e", "r", "enter")).toEqual({ do: "rename", name: "older" });
});

test("the choices fit one line of a usual terminal", () => {
  expect(menuLines(CHOICES, "one", 80)).toHaveLength(1);
});

test.each([2, 12, 20, 80])("every line has %i cells, whatever the title and the name are", (cols) => {
  const name = lineOf("日本語 👩‍👩‍👧 \u001b[31m name that is long enough for any line to be scrolled");
  const states: MenuState[] = [CHOICES, { kind: "kill" }, { kind: "choices", said: "No 日本語 needs you." }];
  for (const state of states) {
    for (const line of menuLines(state, "\u001b]0;x\u0007日本語\u202e", cols)) expect(cellWidth(line), line).toBe(cols);
  }
  const [line = ""] = menuLines({ kind: "rename", line: name }, "one", cols);
  const visible = line.replace(/\u001b\[2?7m/g, "");
  expect(visible).not.toContain("\u001b");
  if (cols >= 12) expect(cellWidth(visible)).toBe(cols);
});
