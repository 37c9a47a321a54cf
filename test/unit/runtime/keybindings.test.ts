import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BINDINGS, configuredKeys } from "../../../runtime/keybindings.ts";

test.each(BINDINGS.map(({ action }) => action))("%s can be bound to another key, or to none", (action) => {
  const keys = configuredKeys({ [action]: ["f12"] });
  expect(keys.action("f12")).toBe(action);
  const { keys: usual } = BINDINGS.find((binding) => binding.action === action) ?? { keys: [] };
  for (const key of usual) {
    expect(keys.action(key)).toBeUndefined();
    expect(configuredKeys({ [action]: [] }).action(key)).toBeUndefined();
  }
});

test("a key with two actions and an action that does not exist are refused, with what to do", () => {
  expect(() => configuredKeys({ kill: ["d"] })).toThrow(/key d is bound to both/);
  expect(() => configuredKeys({ explode: ["e"] })).toThrow(/which is no action/);
});

test.each(["hyper-x", "Enter", "ctrl-", "ctrl x", " ", "xy"])("%j is no key", (key) => {
  expect(() => configuredKeys({ kill: [key] })).toThrow(/binds kill to ".*", which is no key/);
});

test.each(["f5", "é", "-", "ctrl-\\", "ctrl-alt-X", "shift-tab", "alt-pageup", "ctrl-space"])("%j is a key", (key) => {
  expect(configuredKeys({ kill: [key] }).action(key)).toBe("kill");
});

test("docs/tmux.md has the table", async () => {
  const text = await readFile(join(import.meta.dirname, "..", "..", "..", "docs", "tmux.md"), "utf8");
  for (const { action, keys, help } of BINDINGS) {
    const shown = keys.map((key) => `\`${key}\``).join(", ");
    expect(text.replace(/ +/g, " ")).toContain(`| \`${action}\` | ${shown} | ${help} |`);
  }
});
