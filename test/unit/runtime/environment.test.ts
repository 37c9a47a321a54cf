import { expect, test } from "vitest";
import { inheritableEnvironment } from "../../../runtime/environment.ts";

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
