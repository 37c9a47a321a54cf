import { mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { PISYNC, pisync, pisyncTerminal } from "../support/pisync.ts";
import { processesMentioning } from "../support/processes.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { Terminal } from "../support/terminal.ts";
import { startTmux } from "../support/tmux-server.ts";
import { waitFor } from "../support/wait-for.ts";

const demos = async () => (await readdir("/tmp")).filter((name) => name.startsWith("pisync-demo-"));

/** The directory of the demo that runs now, and that nothing of it is left afterwards. */
async function watchDemo(before: string[]) {
  const directory = await waitFor("the demo's directory", async () =>
    (await demos()).find((name) => !before.includes(name)),
  );
  return {
    async expectGone() {
      await waitFor("the demo's processes to end", async () => (await processesMentioning(directory)).length === 0);
      expect(await demos()).not.toContain(directory);
    },
  };
}

/** A PATH with what pisync and pi need, and nothing else. */
async function pathWithoutTmux(world: TemporaryWorld): Promise<string> {
  const bin = join(world.root, "bin");
  await mkdir(bin);
  for (const program of ["sh", "env", "ps", "stty"]) {
    const { stdout } = await execa("sh", ["-c", 'command -v "$0"', program]);
    await symlink(stdout, join(bin, program));
  }
  return bin;
}

describe("the narrated demo", () => {
  it("exits with 0 when every claim was true, and leaves nothing", async () => {
    await using world = await createWorld();
    const before = await demos();
    const running = pisync(world, ["demo"], { deadlineMs: 120_000 });
    const demo = await watchDemo(before);
    const { stdout, stderr, exitCode } = await running;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    for (const claim of ["both views show the answer", "screens are identical", "history is back", "nothing is left"]) {
      expect(stdout).toMatch(new RegExp(`✓.*${claim}`));
    }
    await demo.expectGone();
    expect(await readdir(world.stateDirectory).catch(() => [])).toEqual([]);
  });

  it("works without tmux", async () => {
    await using world = await createWorld();
    const env = { PATH: await pathWithoutTmux(world) };
    const { stdout, stderr, exitCode } = await pisync(world, ["demo"], { env, deadlineMs: 120_000 });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain("for want of tmux");
    expect(stdout).toMatch(/✓.*nothing is left/);
  });

  it.each([
    ["at its start", "Everything happens"],
    ["while two views are open", "both views show pi"],
  ])("leaves nothing when it is told to stop %s", async (_, moment) => {
    await using world = await createWorld();
    const before = await demos();
    const running = execa(process.execPath, [PISYNC, "demo"], { env: world.env, extendEnv: false, reject: false });
    let printed = "";
    running.stdout.on("data", (text: Buffer) => (printed += text.toString()));
    const demo = await watchDemo(before);
    await waitFor(moment, () => printed.includes(moment));
    running.kill("SIGTERM");
    expect((await running).exitCode).toBe(143);
    await demo.expectGone();
  });
});

describe("the live demo", () => {
  it("shows two views of one pi in a private tmux", async () => {
    await using world = await createWorld();
    const before = await demos();
    await using terminal = pisyncTerminal(world, ["demo"], { cols: 140, rows: 40 });
    const demo = await watchDemo(before);
    await terminal.waitForScreen(/Echo reply to: This is the pisync.*│.*Echo reply to: This is the pisync/, {
      deadlineMs: 60_000,
    });
    terminal.send("\x1b[200~typed once\x1b[201~");
    await terminal.waitForScreen(/typed once.*│.*typed once/);
    terminal.send("\r");
    await terminal.waitForScreen(/Echo reply to: typed once.*│.*Echo reply to: typed once/);
    terminal.send("\x04");
    expect((await terminal.exit).exitCode).toBe(0);
    await demo.expectGone();
  });

  it("without tmux, names the command that opens a second view, and explains what is left when it is over", async () => {
    await using world = await createWorld();
    const before = await demos();
    const env = { PATH: await pathWithoutTmux(world) };
    await using terminal = pisyncTerminal(world, ["demo"], { env, rows: 40 });
    const demo = await watchDemo(before);
    const screen = await terminal.waitForScreen("Echo reply to: This is the pisync", { deadlineMs: 60_000 });
    const command = /another\s+terminal:\s+(\/tmp\/pisync-demo-\w+\/attach)/.exec(screen)?.[1] ?? "";
    await using second = new Terminal({ argv: [command], cwd: world.work, env: world.env });
    await second.waitForScreen("This is the pisync demo");
    terminal.send("\x1c");
    expect((await terminal.exit).exitCode).toBe(0);
    const [detached, over, next] = terminal.screenText().split("\n").slice(-3);
    expect(detached).toMatch(/^\[detached; .*\]$/);
    expect(over).toContain("its session has ended");
    expect(next).toMatch(/pisync pi .*npm run pisync -- pi/);
    await second.exit;
    await demo.expectGone();
  });

  it("inside tmux, opens a pane beside itself and closes it again", async () => {
    await using world = await createWorld();
    await using tmux = await startTmux(world, { argv: ["sh"] });
    const before = await demos();
    await tmux.sendKeys([`"${process.execPath}" "${PISYNC}" demo; echo code $?`, "Enter"]);
    const demo = await watchDemo(before);
    await waitFor("the second pane", async () => (await tmux.run("list-panes")).split("\n").length === 2);
    for (const target of ["main:0.0", "main:0.1"]) {
      await tmux.waitForPane("Echo reply to: This is the pisync", { target, deadlineMs: 60_000 });
    }
    await tmux.sendBytes("\x1c", { target: "main:0.0" });
    await tmux.waitForPane(/^code 0/m, { target: "main:0.0" });
    expect((await tmux.run("list-panes")).split("\n")).toHaveLength(1);
    await demo.expectGone();
  });
});
