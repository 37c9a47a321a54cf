import { expect, test } from "vitest";
import { daemonSocket } from "../../../adapters/agents/pi/extension/daemon-socket.ts";
import { statePaths } from "../../../runtime/paths.ts";

test.each<NodeJS.ProcessEnv>([
  {},
  { HOME: "/home/someone" },
  { HOME: "/home/someone", XDG_STATE_HOME: "/states" },
  { HOME: "/home/someone", XDG_STATE_HOME: "relative" },
  { HOME: "/home/someone", XDG_STATE_HOME: "" },
  { HOME: "/home/someone", PISYNC_STATE_DIR: "/elsewhere/" },
  { HOME: "/home/someone", PISYNC_STATE_DIR: "/a/../b", XDG_STATE_HOME: "/states" },
  { HOME: "/home/someone", PISYNC_STATE_DIR: "" },
  { HOME: `/home/${"long".repeat(30)}` },
  { PISYNC_STATE_DIR: `/${"é".repeat(40)}` },
  ...[70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80].map((length) => ({ PISYNC_STATE_DIR: `/${"x".repeat(length)}` })),
])("the extension looks for the daemon where it listens: %o", (env) => {
  expect(daemonSocket(env)).toBe(statePaths(env).daemonSocket);
});

test("where no pisync would work there is none to look for", () => {
  expect(() => statePaths({ PISYNC_STATE_DIR: "relative" })).toThrow("not an absolute path");
  expect(daemonSocket({ PISYNC_STATE_DIR: "relative" })).toBeUndefined();
});
