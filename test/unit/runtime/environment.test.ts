import { expect, test } from "vitest";
import { inheritableEnvironment, launchEnvironment } from "../../../runtime/environment.ts";

test("what ties a process to a pane or a session is not inherited", () => {
  const env = {
    PATH: "/bin",
    TMUX: "/tmp/tmux-0/default,1,0",
    TMUX_PANE: "%1",
    TMUX_TMPDIR: "/tmp",
    PISYNC_SESSION: "abcdefgh",
    PISYNC_AGENT_TOKEN: "secret",
    PISYNC_HOST_SOCKET: "/s",
    PISYNC_STATE_DIR: "/state",
    MISSING: undefined,
  };
  expect(inheritableEnvironment(env)).toEqual({ PATH: "/bin", PISYNC_STATE_DIR: "/state" });
});

test("a session is started with nothing of the pane and session around it, but the user's own settings", () => {
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

test("direct colour is announced inside tmux, which translates it", () => {
  expect(launchEnvironment({ TMUX: "x", COLORTERM: "24bit" })).toEqual({ COLORTERM: "24bit" });
  expect(launchEnvironment({})).toEqual({});
});
