import { afterEach, beforeEach, expect, test } from "vitest";
import { createWorld, type TemporaryWorld } from "../../support/temporary-world.ts";
import { Terminal } from "../../support/terminal.ts";

let world: TemporaryWorld;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await world.dispose();
});

function terminal(script: string, size: { cols?: number; rows?: number } = {}): Terminal {
  return new Terminal({ argv: ["sh", "-c", script], cwd: world.work, env: world.env, ...size });
}

test("shows what a person would see, with the cursor and what scrolled away", async () => {
  await using shown = terminal("printf 'one\\ntwo\\n\\033[31mthree\\033[0m\\nfour'; read answer", {
    cols: 20,
    rows: 3,
  });
  await shown.waitForScreen("four");
  expect(shown.screenText()).toBe("two\nthree\nfour");
  expect(shown.scrollbackText()).toBe("one\ntwo\nthree\nfour");
  expect(shown.cursor()).toEqual({ x: 4, y: 2 });
});

test("types, and reports the exit with the last output drawn", async () => {
  const shown = terminal('read answer; echo "got $answer"; exit 3');
  shown.send("héllo\r");
  expect(await shown.exit).toEqual({ exitCode: 3, signal: undefined });
  expect(shown.screenText()).toContain("got héllo");
  expect(shown.output().toString()).toContain("got héllo");
});

test("tells the program its new size", async () => {
  await using shown = terminal("trap 'stty size' WINCH; echo ready; while :; do read line; done", {
    cols: 80,
    rows: 24,
  });
  await shown.waitForScreen("ready");
  shown.resize(61, 17);
  // A shell that was about to read when the signal came looks at it once it has read.
  shown.send("\r");
  await shown.waitForScreen("17 61");
});

test("answers the queries a real terminal answers", async () => {
  await using shown = terminal("stty raw -echo; printf '\\033[6n'; dd bs=1 count=6 2>/dev/null | od -c; read end");
  await shown.waitForScreen("[   1   ;   1   R");
});

test("a screen that never comes fails with the screen", async () => {
  await using shown = terminal("echo this instead; read answer");
  await shown.waitForScreen("this instead");
  await expect(shown.waitForScreen("that", { deadlineMs: 50 })).rejects.toThrow(/that\n.*this instead/s);
});

test("waiting fails at once when the program has exited", async () => {
  await using shown = terminal("exit 7");
  await expect(shown.waitForScreen("anything")).rejects.toThrow("exited with 7");
});
