import { mkdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PaneAddress } from "../../adapters/multiplexers/multiplexer-adapter.ts";
import { createTmuxAdapter } from "../../adapters/multiplexers/tmux/tmux-adapter.ts";
import { runTmux, type TmuxError } from "../../adapters/multiplexers/tmux/tmux-command.ts";
import { signal } from "../support/processes.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { startTmux, type TmuxServer } from "../support/tmux-server.ts";
import { Terminal } from "../support/terminal.ts";
import { waitFor } from "../support/wait-for.ts";

const adapter = createTmuxAdapter();
let world: TemporaryWorld;
let tmux: TmuxServer;
beforeEach(async () => {
  world = await createWorld();
  tmux = await startTmux(world, { cols: 100, rows: 30, argv: ["sh"] });
});
afterEach(async () => {
  await tmux.close();
  await world.dispose();
});

/** A further pane running a script; returns its address. */
async function openPane(script: string, ...where: string[]): Promise<PaneAddress> {
  const facts = await tmux.run(
    ...(where.length > 0 ? where : ["split-window"]),
    "-d",
    "-P",
    "-F",
    "#{pane_id} #{pane_tty}",
    "sh",
    "-c",
    script,
  );
  const [pane = "", tty = ""] = facts.split(" ");
  return { socket: tmux.socketPath, pane, tty };
}

/** What a program in one of the server's panes has in its environment. */
async function environmentIn(pane = "%0"): Promise<Record<string, string>> {
  return { TMUX: await tmux.run("display-message", "-p", "-t", pane, "#{socket_path},#{pid},0"), TMUX_PANE: pane };
}

/** What the attached terminals show. */
const activePane = () => tmux.run("list-clients", "-F", "#{session_name} #{pane_id}");

describe("finding the pane of a terminal", () => {
  it("asks the server that the environment names, and believes nothing but the terminal", async () => {
    const address = await openPane("sleep 300");
    const environment = await environmentIn("%99");
    expect(await adapter.paneOf(environment, address.tty)).toEqual(address);
    expect(await adapter.paneOf(environment, "/dev/pts/99999")).toBeUndefined();
  });

  it("still finds it when the pane has moved to another window", async () => {
    const address = await openPane("sleep 300");
    await tmux.run("break-pane", "-d", "-s", address.pane);
    expect(await adapter.paneOf(await environmentIn(), address.tty)).toEqual(address);
  });

  it.each(["", "relative,1,0", "/nowhere/at/all,1,0", "/dev/null,1,0", "no commas"])(
    "finds nothing for TMUX=%j",
    async (value) => {
      expect(await adapter.paneOf({ TMUX: value }, "/dev/pts/0")).toBeUndefined();
      expect(await adapter.paneOf({}, "/dev/pts/0")).toBeUndefined();
    },
  );
});

describe("reading a pane", () => {
  it("returns what it shows and what has scrolled, wrapped lines as one, without colours", async () => {
    const long = "word ".repeat(40).trim();
    const address = await openPane(`seq 200; printf '\\033[31m%s\\033[0m\\n' '${long}'; echo ready; sleep 300`);
    await tmux.waitForPane("ready", { target: address.pane });
    const shown = await adapter.capture(address, { scrollback: 100 });
    expect(shown).toMatchObject({ fullScreen: false });
    expect(shown?.text).toContain(`\n${long}\nready\n`);
    expect(shown?.text).toContain("\n150\n");
    expect(shown?.text).not.toMatch(/^1$|\x1b/m);
  });

  it("leaves out the scrollback of what is below a program with a full screen", async () => {
    const address = await openPane("seq 200; printf '\\033[?1049hready\\n'; sleep 300");
    await tmux.waitForPane("ready", { target: address.pane });
    expect(await adapter.capture(address, { scrollback: 100 })).toEqual({
      fullScreen: true,
      text: expect.stringMatching(/^\n*ready\n+$/) as string,
    });
  });

  it("runs nothing that a title or a name of others says", async () => {
    const trap = join(world.work, "trap");
    const attack = `#(touch ${trap})'; touch ${trap}; #{E:pane_title}`;
    const address = await openPane(
      `printf '\\033]2;%s\\033\\\\' "$ATTACK"; echo "$ATTACK"; echo ready; sleep 300`,
      "new-window",
      "-e",
      `ATTACK=${attack}`,
      "-n",
      "x",
    );
    await tmux.waitForPane("ready", { target: address.pane });
    expect(await tmux.run("display-message", "-p", "-t", address.pane, "#{pane_title}")).toContain("touch");
    expect((await adapter.capture(address, { scrollback: 10 }))?.text).toContain(attack);
    expect(await adapter.paneOf(await environmentIn(), address.tty)).toEqual(address);
    expect(await adapter.show(address, await environmentIn())).toMatchObject({ outcome: "shown" });
    await expect(stat(trap)).rejects.toThrow();
  });

  it("is undefined for a pane that is gone, or that is another one by now", async () => {
    const address = await openPane("sleep 300");
    expect(await adapter.capture({ ...address, tty: "/dev/pts/99999" }, { scrollback: 0 })).toBeUndefined();
    expect(await adapter.capture({ ...address, pane: "%99" }, { scrollback: 0 })).toBeUndefined();
    expect(await adapter.capture({ ...address, pane: "%0 ; kill-server" }, { scrollback: 0 })).toBeUndefined();
    await tmux.run("kill-pane", "-t", address.pane);
    expect(await adapter.capture(address, { scrollback: 0 })).toBeUndefined();
  });
});

describe("showing a pane", () => {
  it("switches the terminal of who asks, to any session of the server", async () => {
    const address = await openPane("sleep 300", "new-session", "-s", "other");
    const shown = await adapter.show(address, await environmentIn());
    expect(shown).toEqual({
      outcome: "shown",
      here: true,
      terminal: await tmux.run("display-message", "-p", "#{client_tty}"),
    });
    expect(await activePane()).toBe(`other ${address.pane}`);
  });

  it("shows it where its session is shown already to somebody outside of tmux", async () => {
    const address = await openPane("sleep 300", "new-window");
    expect(await adapter.show(address, {})).toMatchObject({ outcome: "shown", here: false });
    expect(await activePane()).toBe(`main ${address.pane}`);
  });

  it("keeps a zoomed window zoomed", async () => {
    const address = await openPane("sleep 300");
    await tmux.run("resize-pane", "-Z", "-t", "%0");
    await adapter.show(address, await environmentIn());
    expect(await tmux.run("display-message", "-p", "#{window_zoomed_flag} #{pane_id}")).toBe(`1 ${address.pane}`);
  });

  it("says what to run when no terminal shows its session; the pane is the active one then", async () => {
    const address = await openPane("sleep 300", "new-session", "-s", "hidden", "-x", "80", "-y", "20");
    await tmux.run("split-window", "-t", "hidden");
    const shown = await adapter.show(address, {});
    if (shown.outcome !== "unattended") throw new Error(shown.outcome);
    expect(await activePane()).toMatch(/^main /);
    await using terminal = new Terminal({ argv: shown.attach as [string], cwd: world.work, env: world.env });
    await waitFor("the session to be attached", async () => (await tmux.run("list-clients", "-t", "hidden")) !== "");
    expect(await tmux.run("list-clients", "-t", "hidden", "-F", "#{pane_id}")).toBe(address.pane);
    await tmux.run("detach-client", "-s", "hidden");
    await terminal.exit;
  });

  it("knows a pane that is gone", async () => {
    const address = await openPane("sleep 300");
    expect(await adapter.show({ ...address, tty: "/dev/pts/99999" }, {})).toEqual({ outcome: "gone" });
    expect(await adapter.show({ ...address, socket: join(world.root, "none") }, {})).toEqual({ outcome: "gone" });
  });

  it("gives up on a server that does not answer", async () => {
    const address = await openPane("sleep 300");
    const server = Number(await tmux.run("display-message", "-p", "#{pid}"));
    signal(server, "SIGSTOP");
    try {
      await expect(adapter.show(address, {})).rejects.toMatchObject({ code: "timed-out" });
      expect(await adapter.capture(address, { scrollback: 0 })).toBeUndefined();
    } finally {
      signal(server, "SIGCONT");
    }
  });
});

describe("a tmux command", () => {
  const reasonOf = (socket: string, ...args: string[]) =>
    runTmux(socket, args).then(
      () => "answered",
      (error: unknown) => (error as TmuxError).reason,
    );

  it("tells a missing pane from a missing server", async () => {
    expect(await reasonOf(tmux.socketPath, "capture-pane", "-p", "-t", "%99")).toBe("no-target");
    expect(await reasonOf(tmux.socketPath, "no-such-command")).toBe("refused");
    expect(await reasonOf(join(world.root, "none"), "list-panes", "-a")).toBe("no-server");
    await tmux.run("kill-server");
    await waitFor(
      "the server to end",
      async () => (await reasonOf(tmux.socketPath, "list-panes", "-a")) === "no-server",
    );
  });

  it("goes to no socket of somebody else's making", async () => {
    const file = join(world.work, "file");
    await writeFile(file, "");
    await symlink(tmux.socketPath, join(world.work, "link"));
    await mkdir(join(world.work, "folder"));
    for (const path of ["file", "link", "folder"]) {
      expect(await reasonOf(join(world.work, path), "list-panes", "-a")).toBe("unsafe-socket");
    }
  });
});
