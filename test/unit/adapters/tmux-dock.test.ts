import { expect, test } from "vitest";
import { freeIndex } from "../../../adapters/multiplexers/tmux/tmux-dock.ts";

test("a hook of somebody else's is left alone", () => {
  expect(freeIndex(["window-layout-changed", "window-pane-changed"])).toBe(970);
  expect(freeIndex(["window-layout-changed[970] run-shell true", "window-pane-changed[971] run-shell true"])).toBe(972);
});

test("our own are replaced", () => {
  expect(freeIndex(["window-layout-changed[970] if-shell -F #{P:#{@pisync_w}} {}", "window-pane-changed"])).toBe(970);
});
