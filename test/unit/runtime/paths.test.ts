import { expect, test } from "vitest";
import { configFile, MAX_SOCKET_PATH_BYTES, statePaths } from "../../../runtime/paths.ts";

test("the state directory is PISYNC_STATE_DIR, else under XDG_STATE_HOME, else under HOME", () => {
  const home = { HOME: "/home/a" };
  expect(statePaths(home).stateDirectory).toBe("/home/a/.local/state/pisync");
  expect(statePaths({ ...home, XDG_STATE_HOME: "/xdg" }).stateDirectory).toBe("/xdg/pisync");
  expect(statePaths({ ...home, XDG_STATE_HOME: "relative" }).stateDirectory).toBe("/home/a/.local/state/pisync");
  expect(statePaths({ ...home, XDG_STATE_HOME: "/xdg", PISYNC_STATE_DIR: "/s/" }).stateDirectory).toBe("/s");
});

test("a relative state directory would be another one in each directory: it is refused", () => {
  for (const relative of ["state", "./state", "~/state"]) {
    expect(() => statePaths({ HOME: "/home/a", PISYNC_STATE_DIR: relative })).toThrow(
      expect.objectContaining({
        code: "usage",
        message: `PISYNC_STATE_DIR is ${relative}, which is not an absolute path.`,
        next: expect.stringContaining("absolute path") as string,
      }) as Error,
    );
  }
});

test("everything lies in the state directory", () => {
  const paths = statePaths({ PISYNC_STATE_DIR: "/s" });
  expect(paths.daemonSocket).toBe("/s/run/daemon.sock");
  expect(paths.hostSocket("abcdefgh", 3)).toBe("/s/run/abcdefgh-3.sock");
  expect(paths.sessionRecord("abcdefgh")).toBe("/s/sessions/abcdefgh/session.json");
  expect(paths.leasesDirectory).toBe("/s/leases");
  expect(paths.logFile("daemon")).toBe("/s/logs/daemon.log");
});

test("sockets move to a short directory of this user and state directory when their path would be too long", () => {
  const longest = (length: number) => statePaths({ PISYNC_STATE_DIR: `/${"x".repeat(length)}` });
  const socket = "/run/zzzzzzzz-1000000.sock";
  const fits = MAX_SOCKET_PATH_BYTES - socket.length - 1;
  expect(Buffer.byteLength(longest(fits).hostSocket("zzzzzzzz", 1_000_000))).toBe(MAX_SOCKET_PATH_BYTES);
  const moved = longest(fits + 1);
  expect(moved.runDirectory).toMatch(/^\/tmp\/pisync-\d+-[0-9a-f]{8}$/);
  expect(moved.leasesDirectory).toMatch(/^\/x+\/leases$/);
  expect(longest(fits + 2).runDirectory).not.toBe(moved.runDirectory);
});

test("the path's length counts in bytes", () => {
  expect(statePaths({ PISYNC_STATE_DIR: `/${"é".repeat(50)}` }).runDirectory).toMatch(/^\/tmp\//);
});

test("TMPDIR does not move the sockets: every terminal of a user must find the same ones", () => {
  const env = { PISYNC_STATE_DIR: `/${"x".repeat(100)}` };
  expect(statePaths({ ...env, TMPDIR: "/nix" }).runDirectory).toBe(statePaths(env).runDirectory);
});

test("the configuration lies under XDG_CONFIG_HOME, else HOME", () => {
  expect(configFile({ HOME: "/h" })).toBe("/h/.config/pisync/config.json");
  expect(configFile({ HOME: "/h", XDG_CONFIG_HOME: "/c" })).toBe("/c/pisync/config.json");
});
