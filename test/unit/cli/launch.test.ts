import { describe, expect, it } from "vitest";
import { adapterOverride, launchEnvironment } from "../../../cli/launch.ts";

describe("launchEnvironment", () => {
  it("leaves out what ties the launcher to its pane and session, and keeps the user's own settings", () => {
    const env = {
      HOME: "/home/ann",
      TMUX: "/tmp/tmux-0/default,1,0",
      TMUX_PANE: "%1",
      PISYNC_SESSION: "k3x9abcd",
      PISYNC_AGENT_TOKEN: "secret",
      PISYNC_STATE_DIR: "/state",
      PISYNC_NO_EXTENSION: "1",
      PISYNC_ADAPTER: "pi",
      UNSET: undefined,
    };
    expect(launchEnvironment(env)).toEqual({
      HOME: "/home/ann",
      PISYNC_STATE_DIR: "/state",
      PISYNC_NO_EXTENSION: "1",
      PISYNC_ADAPTER: "pi",
      COLORTERM: "truecolor",
    });
  });

  it("announces direct colour inside tmux, which translates it, and otherwise as the terminal does", () => {
    expect(launchEnvironment({ TMUX: "x", COLORTERM: "24bit" })).toEqual({ COLORTERM: "24bit" });
    expect(launchEnvironment({})).toEqual({});
  });
});

describe("adapterOverride", () => {
  it.each([
    [undefined, undefined],
    ["", undefined],
    ["pi", true],
    ["command", false],
  ])("reads %j as %j", (value, override) => {
    expect(adapterOverride({ PISYNC_ADAPTER: value })).toBe(override);
  });

  it("refuses an adapter that there is not", () => {
    expect(() => adapterOverride({ PISYNC_ADAPTER: "vim" })).toThrow(
      expect.objectContaining({ code: "usage" }) as Error,
    );
  });
});
