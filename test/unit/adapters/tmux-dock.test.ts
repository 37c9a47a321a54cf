import { expect, test } from "vitest";
import { freeIndex, isTooOld } from "../../../adapters/multiplexers/tmux/tmux-dock.ts";

test("a hook of somebody else's is left alone", () => {
  expect(freeIndex(["window-layout-changed", "window-pane-changed"])).toBe(970);
  expect(freeIndex(["window-layout-changed[970] run-shell true", "window-pane-changed[971] run-shell true"])).toBe(972);
});

test("our own are replaced", () => {
  expect(freeIndex(["window-layout-changed[970] if-shell -F #{P:#{@pisync_w}} {}", "window-pane-changed"])).toBe(970);
});

test.each([
  ["2.9a", true],
  ["3.1c", true],
  ["3.2", false],
  ["3.2a", false],
  ["3.10", false],
  ["4.0", false],
  ["next-3.6", false],
  ["openbsd-7.4", false],
])("tmux %s is too old for a docked pane: %s", (version, expected) => {
  expect(isTooOld(version)).toBe(expected);
});
