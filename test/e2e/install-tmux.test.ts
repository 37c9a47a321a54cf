import { chmod, lstat, mkdir, readFile, readdir, readlink, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sourcing, TMUX_BINDINGS, tmuxConfiguration } from "../../cli/install/tmux-bindings.ts";
import { listedSessions } from "../support/listed-sessions.ts";
import { PISYNC, pisync } from "../support/pisync.ts";
import { ReportingPi } from "../support/reporting-pi.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { startTmux, type TmuxServer } from "../support/tmux-server.ts";
import { waitFor } from "../support/wait-for.ts";
import { MOUSE, Workspace } from "../support/workspace.ts";

const PREFIX = "\u0002";
/** Every character that means something to a shell, to tmux's formats, or to tmux's configuration. */
const HOSTILE = "a b'c\"d$HOME`id`#(touch ran)#{pane_id}#[x]##[y];%H{}*?[z]\\~!&|<>";

/** Takes the mouse and prints what it sends. */
const SHOWS_MOUSE = "stty raw -echo; printf '\\033[?1000h\\033[?1006hREADY'; exec cat -v";

/** `pisync ARGS` where the running tmux is this one. */
async function inTmux(world: TemporaryWorld, tmux: TmuxServer, ...args: string[]) {
  const { exitCode, stdout, stderr } = await pisync(world, args, { env: { TMUX: `${tmux.socketPath},1,0` } });
  expect({ args, exitCode, stderr }).toEqual({ args, exitCode: 0, stderr });
  return { stdout, stderr };
}

/** What is bound to the keys. */
async function bound(tmux: TmuxServer): Promise<Record<string, string>> {
  const entries = TMUX_BINDINGS.map(async ({ table, key }) => {
    return [key, await tmux.run("list-keys", "-T", table, key).catch(() => "")] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function untilViews(world: TemporaryWorld, count: number): Promise<void> {
  await waitFor(`${count} views`, async () => (await listedSessions(world))[0]?.views === count);
}

async function paneCount(tmux: TmuxServer): Promise<number> {
  return (await tmux.run("list-panes", "-F", "#{pane_id}")).split("\n").length;
}

async function untilPanes(tmux: TmuxServer, count: number): Promise<void> {
  await waitFor(`${count} panes`, async () => (await paneCount(tmux)) === count);
}

/** All that is below a folder, with the contents of files. */
async function contents(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const read = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    return [path, entry.isFile() ? await readFile(path, "latin1") : entry.isSymbolicLink() ? await readlink(path) : ""];
  });
  return Object.fromEntries((await Promise.all(read)) as [string, string][]);
}

describe("pisync install tmux", () => {
  it("binds keys in the tmux that runs and in the next one, and uninstall leaves nothing", async () => {
    await using world = await createWorld();
    await using tmux = await startTmux(world);
    const before = await contents(world.home);
    const { stderr, stdout } = await inTmux(world, tmux, "install", "tmux");
    expect(stderr).toContain("prefix v   mirror this session to the right");
    expect(stdout).toContain("The keys are bound");
    expect(Object.values(await bound(tmux))).toEqual(
      TMUX_BINDINGS.map(() => expect.stringContaining("pisync") as string),
    );
    expect((await inTmux(world, tmux, "install", "tmux")).stdout).toContain("The keys are installed and up to date.");
    {
      await using later = await startTmux(world, { configured: true });
      expect(await bound(later)).toEqual(await bound(tmux));
    }
    expect((await inTmux(world, tmux, "uninstall", "tmux")).stdout).toBe("The keys are gone.");
    expect(Object.values(await bound(tmux))).toEqual(["", "", "", "", "", ""]);
    expect(await contents(world.home)).toEqual(before);
    expect((await inTmux(world, tmux, "uninstall", "tmux")).stdout).toContain("The keys are not installed: nothing");
  });

  it("outside says what it does not reach, and inside then does it to the tmux that runs", async () => {
    await using world = await createWorld();
    await using tmux = await startTmux(world);
    expect((await pisync(world, ["install", "tmux"])).stdout).toMatch(/in a pane of it: pisync install tmux$/);
    const { stderr, stdout } = await inTmux(world, tmux, "install", "tmux");
    expect(stderr).toMatch(/^Binds the keys below in the tmux that runs\.\n/);
    expect(stdout).toContain("The keys are bound");
    const keys = await bound(tmux);
    expect(Object.values(keys)).not.toContain("");
    await tmux.run("bind-key", "v", "display-message", "mine");
    expect((await pisync(world, ["uninstall", "tmux"])).stdout).toMatch(/in a pane of it: pisync uninstall tmux$/);
    const removal = await inTmux(world, tmux, "uninstall", "tmux");
    expect(removal.stderr).toBe("Unbinds in the tmux that runs: prefix V, prefix b, prefix a, prefix g, Alt-click.");
    expect(removal.stdout).toBe("The keys are gone.");
    const { v, ...others } = await bound(tmux);
    expect(v).toContain("mine");
    expect(Object.values(others)).toEqual(["", "", "", "", ""]);
  });

  it("mirrors with v and V the session of the pane, and says it where the pane has none", async () => {
    await using world = await createWorld();
    await pisync(world, ["install", "tmux"]);
    await using tmux = await startTmux(world, { configured: true });
    tmux.client.send(`${PREFIX}v`);
    await tmux.client.waitForScreen("This pane shows no session of pisync.");
    const { stdout: id } = await pisync(world, ["run", "-d", "--", "sh", "-c", "echo here-it-is; exec cat"]);
    await tmux.run("respawn-pane", "-k", process.execPath, PISYNC, "attach", id);
    await tmux.waitForPane("here-it-is");
    await untilViews(world, 1);
    for (const [key, place, views] of [
      ["v", "pane_left", 2],
      ["V", "pane_top", 3],
    ] as const) {
      tmux.client.send(PREFIX + key);
      await untilPanes(tmux, views);
      expect(Number(await tmux.run("display-message", "-p", `#{${place}}`))).toBeGreaterThan(0);
      await tmux.waitForPane("here-it-is");
      await untilViews(world, views);
    }
  });

  it("docks with b and takes away again, goes with a to who needs one, and chooses with g in a popup", async () => {
    await using world = await createWorld();
    await pisync(world, ["install", "tmux"]);
    await using tmux = await startTmux(world, { configured: true });
    tmux.client.send(`${PREFIX}a`);
    await tmux.client.waitForScreen("No session needs you.");
    const pi = await ReportingPi.create(world, "asking");
    const { stdout: id } = await pisync(world, ["run", "-d", "--name", "asks me", "--", pi.program]);
    await pi.is("blocked");
    await waitFor("it to wait", async () => (await listedSessions(world))[0]?.status?.state === "waiting");

    tmux.client.send(`${PREFIX}b`);
    await tmux.client.waitForScreen(/◆ asks me/);
    tmux.client.send(`${PREFIX}b`);
    await untilPanes(tmux, 1);

    await tmux.run("new-window", "-d", "-n", "mine", "cat");
    const windows = await tmux.run("list-windows", "-F", "#{window_index} #{window_id}");
    tmux.client.send(`${PREFIX}a`);
    await tmux.client.waitForScreen("this is pi");
    await untilViews(world, 1);
    expect((await listedSessions(world))[0]?.id).toBe(id);
    expect(await tmux.run("list-windows", "-F", "#{window_index} #{window_id}")).toContain(windows);
    expect(await tmux.run("display-message", "-p", "#{window_index} #{window_name}")).toBe("2 pisync");

    await tmux.run("select-window", "-t", ":0");
    tmux.client.send(`${PREFIX}g`);
    await tmux.client.waitForScreen(/◆ asks me/);
    tmux.client.send("\r");
    await tmux.client.waitForScreen("this is pi");
    expect(await paneCount(tmux)).toBe(1);
  });

  it("a in the sidebar goes to who needs one in the view beside it, which stays when that has ended", async () => {
    await using world = await createWorld();
    await pisync(world, ["install", "tmux"]);
    await using tmux = await startTmux(world, { configured: true });
    const pi = await ReportingPi.create(world, "asking");
    await pisync(world, ["run", "-d", "--name", "asks me", "--", pi.program]);
    await pi.is("blocked");
    await waitFor("it to wait", async () => (await listedSessions(world))[0]?.status?.state === "waiting");
    const workspace = await Workspace.open(tmux);
    await tmux.run("select-pane", "-t", workspace.sidebar);
    tmux.client.send(`${PREFIX}a`);
    await workspace.viewShows("this is pi");
    await workspace.untilActive(workspace.view);
    await pisync(world, ["kill"]);
    await workspace.viewShows("was killed");
    expect(await tmux.run("list-windows", "-F", "#{window_panes}")).toBe("2");
  });

  it("shows a session here with Alt-click although another pane shows it; elsewhere such a click stays what it was", async () => {
    await using world = await createWorld();
    await pisync(world, ["install", "tmux"]);
    await using tmux = await startTmux(world, { configured: true });
    const { stdout: id } = await pisync(world, ["run", "-d", "--name", "one", "--", "sh", "-c", "echo it-is-one; cat"]);
    const workspace = await Workspace.open(tmux);
    await tmux.run("new-window", "-d", process.execPath, PISYNC, "attach", id);
    await untilViews(world, 1);
    await tmux.run("select-pane", "-t", workspace.view);
    await workspace.click("one", MOUSE.alt);
    await workspace.viewShows("it-is-one");
    await untilViews(world, 2);
    // The last that the click does.
    await workspace.untilActive(workspace.view);
    // A program that takes the mouse gets it in the active pane only.
    const split = async () => {
      const pane = (await tmux.run("split-window", "-P", "-F", "#{pane_id}", "sh", "-c", SHOWS_MOUSE)).trim();
      await tmux.waitForPane("READY", { target: pane });
      return pane;
    };
    const inactive = await split();
    const active = await split();
    for (const pane of [inactive, active]) {
      const [left, top] = (await workspace.facts(pane, "#{pane_left} #{pane_top}")).split(" ").map(Number);
      // From a terminal of its own: tmux 3.3a takes a press within 300 ms of a client's last one for a double click, in
      // whatever pane, and drops it if its button differs.
      await using client = await tmux.attach();
      client.send(`\u001b[<${MOUSE.alt};${(left ?? 0) + 3};${(top ?? 0) + 2}Mbehind ${pane}`);
      await tmux.waitForPane(`behind ${pane}`, { target: active });
    }
    expect((await tmux.capturePane({ target: active })).match(/<8/g)).toHaveLength(1);
    expect(await tmux.capturePane({ target: inactive })).not.toContain("<8");
  });

  it("leaves a key that its user has bound, and says so", async () => {
    await using world = await createWorld();
    const configuration = join(world.home, ".tmux.conf");
    const text = "# mine\nbind-key v display-message 'pisync is what I call this'\nset -g status-left x";
    await writeFile(configuration, text);
    await using tmux = await startTmux(world, { configured: true });
    const { stderr } = await inTmux(world, tmux, "install", "tmux");
    expect(stderr).toMatch(/prefix v {3}stays yours: bind-key .*display-message/);
    expect((await bound(tmux)).v).toContain("what I call this");
    await tmux.run("source-file", configuration);
    expect((await bound(tmux)).v).toContain("what I call this");
    expect((await bound(tmux)).V).toContain("mirror --below");
    await inTmux(world, tmux, "uninstall", "tmux");
    expect(await readFile(configuration, "utf8")).toBe(text);
    const { v, ...others } = await bound(tmux);
    expect(v).toContain("what I call this");
    expect(Object.values(others)).toEqual(["", "", "", "", ""]);
  });

  it("goes into the file that is there, through a link, and out of it again", async () => {
    await using world = await createWorld();
    const real = join(world.work, "dotfiles.conf");
    const configuration = join(world.home, ".config", "tmux", "tmux.conf");
    await mkdir(join(world.home, ".config", "tmux"), { recursive: true });
    await writeFile(real, "set -g status-left x\r\n");
    await chmod(real, 0o600);
    await symlink(real, configuration);
    const before = await contents(world.home);
    await pisync(world, ["install", "tmux"]);
    expect(await readlink(configuration)).toBe(real);
    expect(await readFile(real, "utf8")).toContain("source-file");
    expect(await readdir(world.home)).toEqual([".config"]);
    await pisync(world, ["uninstall", "tmux"]);
    expect(await readFile(real, "utf8")).toBe("set -g status-left x\r\n");
    expect((await lstat(real)).mode & 0o777).toBe(0o600);
    expect(await contents(world.home)).toEqual(before);
  });

  it("changes nothing with --dry-run, and starts no tmux to look", async () => {
    await using world = await createWorld();
    const { stdout } = await pisync(world, ["install", "tmux", "--dry-run"]);
    expect(stdout).toContain("prefix g   choose a session in a popup");
    expect(await contents(world.home)).toEqual({});
    expect(await readdir(join(world.root, "tmp"), { recursive: true })).toEqual([`tmux-${process.getuid?.()}`]);
  });

  it("refuses a configuration it may not write, with the line to add", async () => {
    await using world = await createWorld();
    const folder = join(world.home, ".config", "tmux");
    await mkdir(folder, { recursive: true });
    // A file system that takes nothing, as root can write everywhere.
    await symlink("/proc/version", join(folder, "tmux.conf"));
    const { exitCode, stderr } = await pisync(world, ["install", "tmux"]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/could not be changed .*\n.*yourself: source-file -q "/);
  });
});

it("a path of any characters stays one word, for tmux and for the shell, in the background and in the popup", async () => {
  await using world = await createWorld();
  const home = join(world.root, HOSTILE);
  await mkdir(home);
  const [program, said, keys] = [join(home, "pisync"), join(world.work, "said"), join(home, "keys.conf")];
  await writeFile(program, `#!/bin/sh\nprintf '%s\\n' "$0" "$@" >>'${said}'\n`);
  await writeFile(keys, tmuxConfiguration(["/bin/sh", program]));
  await writeFile(join(home, ".tmux.conf"), `${sourcing(keys)}\n`);
  world.env.HOME = home;
  await using tmux = await startTmux(world, { configured: true });
  const place = ["--pane", await tmux.run("display-message", "-p", "#{pane_id}"), "--client"];
  place.push(await tmux.run("display-message", "-p", "#{client_tty}"));
  tmux.client.send(`${PREFIX}v`);
  await waitFor("the key", async () => (await readFile(said, "utf8").catch(() => "")).endsWith(`${place.at(-1)}\n`));
  tmux.client.send(`${PREFIX}g`);
  const popup = ["sidebar", "--over", place[1]];
  await waitFor("the popup", async () => (await readFile(said, "utf8")).endsWith(`${popup.join("\n")}\n`));
  const lines = [program, "mirror", "--right", ...place, program, ...popup];
  expect(await readFile(said, "utf8")).toBe(`${lines.join("\n")}\n`);
  expect(await readdir(world.work)).toEqual(["said"]);
});
