import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { programPath } from "../../runtime/version.ts";
import { DaemonClient, startDaemon } from "../fixtures/daemon/daemon-client.ts";
import { ReportingPi } from "../support/reporting-pi.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { Terminal } from "../support/terminal.ts";
import { startTmux, type TmuxServer } from "../support/tmux-server.ts";
import { waitFor } from "../support/wait-for.ts";

let world: TemporaryWorld;
let client: DaemonClient;
let told: string;

beforeEach(async () => {
  world = await createWorld();
  told = join(world.work, "told");
  const program = join(world.work, "tell");
  await writeFile(program, `#!/bin/sh\nprintf '%s\\n' "$PISYNC_EVENT" "$PISYNC_TITLE" "$@" >>'${told}'\n`, {
    mode: 0o755,
  });
  await configure({ command: [program, "$HOME `id`"] });
  client = new DaemonClient(world);
});
afterEach(async () => {
  await client.killAll();
  await world.dispose();
});

async function configure(notifications: object): Promise<void> {
  const folder = join(world.home, ".config", "pisync");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "config.json"), JSON.stringify({ notifications }));
}

/** A session of its own that says of itself what a test wants. */
class Session {
  readonly id: string;
  readonly pi: ReportingPi;
  readonly name: string;

  private constructor(id: string, pi: ReportingPi, name: string) {
    this.id = id;
    this.pi = pi;
    this.name = name;
  }

  static async start(name: string): Promise<Session> {
    const pi = await ReportingPi.create(world, `pi-${(await readdir(world.work)).length}`);
    const { session } = await client.launch({ agent: "pi", argv: [pi.program], name, env: world.env });
    const started = new Session(session.id, pi, name);
    await started.becomes("idle");
    return started;
  }

  /** Waits until the daemon knows. */
  async becomes(state: Parameters<ReportingPi["is"]>[0]): Promise<void> {
    await this.pi.is(state);
    const shown = { done: "idle", blocked: "waiting", idle: "idle", working: "working", error: "error" }[state];
    await waitFor(`it to be ${shown}`, async () => (await client.find(this.id))?.status?.state === shown);
  }

  async runs(end: "done" | "error" | "blocked"): Promise<void> {
    await this.becomes("working");
    await this.becomes(end);
  }

  /** Shows it in a new window of tmux, in front. */
  async viewIn(tmux: TmuxServer): Promise<void> {
    await tmux.run("new-window", process.execPath, programPath("pisync"), "attach", this.id);
    await tmux.client.waitForScreen("this is pi");
    await this.untilViewed();
  }

  async untilViewed(): Promise<void> {
    await waitFor("the view", async () => (await client.find(this.id))?.shownOn?.length === 1);
  }
}

/** What the user's command was told until now. */
async function toldSoFar(): Promise<string[]> {
  const words = (await readFile(told, "utf8").catch(() => "")).split("\n").slice(0, -1);
  return Array.from({ length: words.length / 3 }, (_, index) => words.slice(index * 3, index * 3 + 2).join(" "));
}

async function untilTold(...expected: string[]): Promise<void> {
  await waitFor("the command", async () => (await toldSoFar()).length >= expected.length);
  expect(await toldSoFar()).toEqual(expected);
}

test("a run that ends, one that fails and a question are told once each, with the facts in the environment", async () => {
  await startDaemon(world);
  const session = await Session.start("my session");
  await session.runs("done");
  await untilTold("finished my session");
  await session.runs("error");
  await untilTold("finished my session", "failed my session");
  await session.runs("blocked");
  await untilTold("finished my session", "failed my session", "waiting my session");
  await session.becomes("blocked");
  await session.becomes("working");
  await session.becomes("done");
  await untilTold("finished my session", "failed my session", "waiting my session", "finished my session");
  expect(await readFile(told, "utf8")).toContain("\n$HOME `id`\n");
});

test("the facts of a notification are those of its session", async () => {
  const program = join(world.work, "facts");
  await writeFile(program, `#!/bin/sh\nenv | grep '^PISYNC_' | sort >'${told}.new' && mv '${told}.new' '${told}'\n`, {
    mode: 0o755,
  });
  await configure({ command: [program] });
  await startDaemon(world);
  const session = await Session.start("named");
  await session.runs("blocked");
  await waitFor("the command", () => readFile(told, "utf8").catch(() => undefined));
  expect((await readFile(told, "utf8")).trimEnd().split("\n")).toEqual([
    `PISYNC_CWD=${world.work}`,
    "PISYNC_EVENT=waiting",
    `PISYNC_SESSION_ID=${session.id}`,
    `PISYNC_STATE_DIR=${world.stateDirectory}`,
    "PISYNC_TEXT=Waits for your answer: named",
    "PISYNC_TITLE=named",
  ]);
});

test("everybody in tmux reads it and hears a bell, but not who has the session in front", async () => {
  await startDaemon(world);
  const [session, behind] = [await Session.start("in tmux"), await Session.start("behind")];
  await using tmux = await startTmux(world);
  await behind.viewIn(tmux);
  await session.viewIn(tmux);
  await tmux.run("set-hook", "-g", "after-list-clients", "set-option -ga @asked x");
  await session.runs("blocked");
  await session.runs("done");
  // The answer may come late, and has to be of now.
  await waitFor("both questions who looks", async () => (await tmux.run("show-options", "-gqv", "@asked")).length >= 2);
  // What happened in front would have been told before this.
  await behind.runs("done");
  await untilTold("finished behind");
  await tmux.run("select-window", "-t", ":0");
  const before = tmux.client.output().length;
  await session.runs("blocked");
  await tmux.client.waitForScreen("Waits for your answer: in tmux");
  await waitFor("the bell", () => tmux.client.output().subarray(before).includes(0x07));
  await untilTold("finished behind", "waiting in tmux");
  expect(await tmux.capturePane()).not.toContain("Waits");
});

test("what ends in a pane that nobody sees is unseen until somebody turns to it; beside the active pane it is seen", async () => {
  await startDaemon(world);
  const [beside, hidden] = [await Session.start("beside"), await Session.start("hidden")];
  await using tmux = await startTmux(world);
  await hidden.viewIn(tmux);
  await beside.viewIn(tmux);
  await tmux.run("split-window", "-h", "cat");
  await beside.runs("done");
  await hidden.runs("done");
  const unseen = async ({ id }: Session) => (await client.find(id))?.status?.unseen;
  await waitFor("it to be unseen", () => unseen(hidden));
  expect(await unseen(beside)).toBeUndefined();
  await tmux.run("select-window", "-t", ":1");
  await waitFor("it to be seen", async () => (await unseen(hidden)) === undefined);
  await hidden.runs("error");
  await tmux.run("select-window", "-t", ":2");
  await tmux.run("resize-pane", "-Z", "-t", ":2.1");
  await beside.runs("error");
  await waitFor("the covered one to be unseen", () => unseen(beside));
  expect((await client.find(hidden.id))?.status?.state).toBe("error");
  await tmux.run("resize-pane", "-Z", "-t", ":2.1");
  await waitFor("it to be seen", async () => (await client.find(beside.id))?.status?.state === "idle");
});

test("who has left the session is told in the tmux from which it was seen", async () => {
  await startDaemon(world);
  const session = await Session.start("left");
  await using tmux = await startTmux(world);
  await session.viewIn(tmux);
  await tmux.run("kill-window", "-t", ":1");
  await waitFor("no view", async () => (await client.find(session.id))?.views === 0);
  await session.runs("done");
  await tmux.client.waitForScreen("Finished: left");
});

test("what is muted is told by nobody: one session, or all of them", async () => {
  await startDaemon(world);
  const [muted, other] = [await Session.start("muted"), await Session.start("other")];
  await client.mute({ muted: true, session: muted.id });
  expect(await client.find(muted.id)).toMatchObject({ muted: true });
  await muted.runs("done");
  await other.runs("done");
  await untilTold("finished other");
  await client.mute({ muted: true });
  await other.runs("error");
  await client.mute({ muted: false, session: muted.id });
  await muted.runs("blocked");
  await client.mute({ muted: false });
  await muted.runs("done");
  await untilTold("finished other", "finished muted");
});

test("a plain terminal is told of the other sessions, as terminals take it", async () => {
  await startDaemon(world);
  const [shown, other] = [await Session.start("shown"), await Session.start("other; 4")];
  const argv = [process.execPath, programPath("pisync"), "attach", shown.id] as const;
  await using terminal = new Terminal({ argv, cwd: world.work, env: world.env });
  await terminal.waitForScreen("this is pi");
  await shown.untilViewed();
  await shown.runs("blocked");
  await other.runs("blocked");
  const wanted =
    "\u001b]9;pisync: Waits for your answer: other, 4\u001b\\\u001b]777;notify;pisync;Waits for your answer: other, 4\u001b\\\u0007";
  await waitFor("the notification", () => terminal.output().includes(wanted));
  expect(terminal.output().toString()).not.toContain("Waits for your answer: shown");
  await untilTold("waiting other; 4");
});

test("the desktop is told when no plain terminal is", async () => {
  const bin = join(world.work, "bin");
  await mkdir(bin);
  await writeFile(join(bin, "notify-send"), `#!/bin/sh\nprintf '%s\\n' "$@" >>'${told}'\n`, { mode: 0o755 });
  world.env.PATH = `${bin}:${world.env.PATH}`;
  world.env.DISPLAY = ":99";
  await configure({});
  await startDaemon(world);
  const session = await Session.start("--version");
  await session.runs("done");
  const wanted = ["--app-name=pisync", "--", "pisync", "Finished: --version", ""].join("\n");
  await waitFor("the desktop", async () => (await readFile(told, "utf8").catch(() => "")) === wanted);
  // The command is told last, of both.
  await configure({ command: [join(world.work, "tell")], desktop: false });
  await session.runs("error");
  await waitFor("the command", async () => (await readFile(told, "utf8")).endsWith("failed\n--version\n"));
  expect(await readFile(told, "utf8")).toBe(`${wanted}failed\n--version\n`);
});

test.each([
  "#(touch ran) #[fg=red]x #{pane_id} %H",
  "$(touch ran) `touch ran` ; touch ran | touch ran & 'x' \"y\" \\",
  "a\u001b]2;title\u0007b\u001b[31mc\u009b31m\u202e\nd\u0000e",
  "-d 5 -c x",
])("nothing of the title %j runs or reaches a terminal as more than text", async (name) => {
  await startDaemon(world);
  const session = await Session.start(name);
  const { title = "" } = (await client.find(session.id)) ?? {};
  await using tmux = await startTmux(world);
  await session.viewIn(tmux);
  await tmux.run("select-window", "-t", ":0");
  const before = tmux.client.output().length;
  await session.runs("blocked");
  await tmux.client.waitForScreen(`Waits for your answer: ${title}`);
  await untilTold(`waiting ${title}`);
  const seen = tmux.client.output().subarray(before).toString("latin1");
  expect(seen).not.toContain("\u001b]2;title");
  expect(await readdir(world.work)).not.toContain("ran");
  expect(await readdir(world.home)).not.toContain("ran");
});

test("a command that cannot be run, and a broken configuration, keep nothing else from being told", async () => {
  await configure({ command: ["/nowhere/at all"] });
  await startDaemon(world);
  const session = await Session.start("told all the same");
  await using tmux = await startTmux(world);
  await session.viewIn(tmux);
  await tmux.run("select-window", "-t", ":0");
  await session.runs("blocked");
  await tmux.client.waitForScreen("Waits for your answer: told all the same");
  await writeFile(join(world.home, ".config", "pisync", "config.json"), "{");
  await session.runs("done");
  await tmux.client.waitForScreen("Finished: told all the same");
});
