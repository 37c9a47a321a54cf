import { expect, test } from "vitest";
import { colourLines, settingLines } from "../../../cli/doctor-tmux.ts";

test("every setting that is in the way has its line, and one that this tmux does not have has none", () => {
  const bare = "escape-time 500\nextended-keys off\nfocus-events off\nmouse off\nstatus-left x";
  expect(settingLines(bare).map((line) => line.split(/ *#/)[0])).toEqual([
    "set -sg escape-time 10",
    "set -s extended-keys on",
    "set -g mouse on",
    "set -g focus-events on",
  ]);
  // Once it stands in a configuration, it has to be true.
  expect(settingLines("focus-events off")).toEqual([expect.stringMatching(/ {2}# programs can tell whether/)]);
  expect(settingLines("extended-keys-format xterm")).toEqual([expect.stringContaining("extended-keys-format csi-u")]);
  const good = "escape-time 20\nextended-keys always\nextended-keys-format csi-u\nfocus-events on\nmouse on";
  expect(settingLines(good)).toEqual([]);
});

test("a terminal without direct colour has its line, once", () => {
  const clients = "xterm-256color 256,bpaste\nxterm-256color 256,bpaste\nfoot 256,RGB\ntmux \n$(x) 256";
  expect(colourLines(clients, "")).toEqual([
    expect.stringMatching(/^set -as terminal-features ",xterm-256color:RGB" +# /),
  ]);
});

test.each(["xterm*:Tc", "*256col*:colors=256:RGB", "xterm-256color:Tc"])("the override %s counts", (override) => {
  expect(colourLines("xterm-256color 256", `terminal-overrides[1] ${override}`)).toEqual([]);
  expect(colourLines("xterm-256color 256", `terminal-overrides[1] "${override}"`)).toEqual([]);
  expect(colourLines("screen 256", `terminal-overrides[1] ${override}`)).toHaveLength(1);
});
