import { expect, test } from "vitest";
import { statusTitle } from "../../../host/status-title.ts";
import { Screen } from "../../../host/screen/screen.ts";
import type { AgentName, SessionRecord, Status } from "../../../protocol/session.ts";
import { cellWidth } from "../../../runtime/cell-width.ts";

const ESC = "\u001b";
const UTF8 = { unicode: true };

function record(facts: Partial<SessionRecord>): SessionRecord {
  return {
    schemaVersion: 1,
    id: "aaaaaaaa",
    agent: "pi",
    generation: 1,
    argv: ["pi"],
    cwd: "/",
    createdAt: 0,
    updatedAt: 0,
    ...facts,
  };
}

test.each<[AgentName, Partial<Status> | undefined, string, string]>([
  ["pi", { state: "starting", source: "process" }, "◌", "."],
  ["pi", { state: "working", source: "extension" }, "●", "*"],
  ["pi", { state: "waiting", source: "extension" }, "◆", "?"],
  ["pi", { state: "error", source: "screen" }, "✗", "!"],
  ["pi", { state: "idle", source: "screen" }, "•", "-"],
  ["pi", { state: "idle", source: "screen", unseen: true }, "◉", "+"],
  ["pi", { state: "interrupted", source: "process" }, "◐", "~"],
  ["pi", undefined, "•", "-"],
  ["command", { state: "working", source: "process" }, "›", ">"],
])("the title of a %s that is %o begins with its mark, %s or %s", (agent, facts, unicode, ascii) => {
  const status = facts && { since: 0, ...facts };
  const known = { record: record({ agent, name: "Fix it" }), status: status as Status | undefined };
  expect(statusTitle(known, UTF8)).toBe(`${unicode} Fix it`);
  expect(statusTitle(known, { unicode: false })).toBe(`${ascii} Fix it`);
});

test("then comes what lists call the session: its name, its first message, its command, its agent", () => {
  const titleOf = (facts: Partial<SessionRecord>) => statusTitle({ record: record(facts), status: undefined }, UTF8);
  expect(titleOf({ name: "Name", firstMessage: "Hello" })).toBe("• Name");
  expect(titleOf({ firstMessage: "Hello\n\tthere" })).toBe("• Hello there");
  expect(titleOf({ name: " \u200b", argv: ["npx", "pi"] })).toBe("• npx pi");
  expect(titleOf({ argv: ["\u0007"], agent: "command" })).toBe("• command");
});

test.each([
  ["an escape sequence", `a${ESC}]0;evil\u0007b${ESC}[2J`, "• ab"],
  ["the end of the sequence", `a${ESC}\\b\u0007c\u009cd`, "• abcd"],
  ["control characters", "a\u0000\u0085b\u009b31mc\u007f", "• a bc"],
  ["what turns or hides text", "\u202eabc\u2066\ufeff\u200b", "• abc"],
  ["half a character", "a\ud800b\uffff", "• ab"],
  ["a format of tmux, which is its own to escape", "#(touch /tmp/x) #{pane_id}", "• #(touch /tmp/x) #{pane_id}"],
  ["wide characters", "日本語 ".repeat(20), `• ${"日本語 ".repeat(11).trimEnd()}…`],
  ["one long word", "x".repeat(200), `• ${"x".repeat(77)}…`],
])("a terminal reads it as it was meant, whatever the name is: %s", async (_, name, title) => {
  const shown = statusTitle({ record: record({ name }), status: undefined }, UTF8);
  expect(shown).toBe(title);
  expect(cellWidth(shown)).toBeLessThanOrEqual(80);
  const screen = new Screen({ size: { cols: 20, rows: 2 }, scrollback: 10 });
  screen.write(Buffer.from(`${ESC}]0;${shown}${ESC}\\rest`));
  await new Promise<void>((resolve) => screen.whenParsed(resolve));
  expect(screen.title).toBe(shown);
  expect(screen.plainText()).toBe("rest");
  screen.dispose();
});
