import { describe, expect, it } from "vitest";
import { childEnvironment } from "../../../host/child-environment.ts";

const identity = { session: "abcd2345", hostSocket: "/s", agentToken: "t", stateDirectory: "/state" };

describe("the child's environment", () => {
  it("is the launcher's, with the way to the host", () => {
    expect(childEnvironment({ PATH: "/bin", FOO: "1" }, "/work", identity)).toEqual({
      PATH: "/bin",
      FOO: "1",
      TERM: "xterm-256color",
      PWD: "/work",
      PISYNC_STATE_DIR: "/state",
      PISYNC_SESSION: "abcd2345",
      PISYNC_HOST_SOCKET: "/s",
      PISYNC_AGENT_TOKEN: "t",
    });
  });

  it("forgets the launcher's pane, session and terminal", () => {
    const env = childEnvironment(
      { TMUX: "/tmp/x,1,0", TMUX_PANE: "%1", PISYNC_SESSION: "old", PISYNC_HOST_SOCKET: "/old", KITTY_WINDOW_ID: "3" },
      "/",
      identity,
    );
    expect(Object.keys(env)).not.toContain("TMUX");
    expect(Object.keys(env)).not.toContain("TMUX_PANE");
    expect(Object.keys(env)).not.toContain("KITTY_WINDOW_ID");
    expect(env["PISYNC_SESSION"]).toBe("abcd2345");
    expect(env["PISYNC_HOST_SOCKET"]).toBe("/s");
  });

  it("switches an installed extension off as well", () => {
    const env = childEnvironment({ PISYNC_NO_EXTENSION: "1", PISYNC_ADAPTER: "pi" }, "/", identity);
    expect(env["PISYNC_NO_EXTENSION"]).toBe("1");
    expect(Object.keys(env)).not.toContain("PISYNC_ADAPTER");
  });

  it("has no word for an extension where the child is no agent", () => {
    const env = childEnvironment({}, "/", { ...identity, agentToken: undefined });
    expect(Object.keys(env)).not.toContain("PISYNC_AGENT_TOKEN");
  });

  it("announces direct colour where the launcher does", () => {
    expect(childEnvironment({}, "/", identity)["COLORTERM"]).toBeUndefined();
    expect(childEnvironment({ COLORTERM: "24bit" }, "/", identity)["COLORTERM"]).toBe("24bit");
  });
});
