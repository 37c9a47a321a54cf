import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SESSION_ID_ALPHABET } from "../../protocol/session-id.ts";
import type { SessionSummary } from "../../protocol/session.ts";
import { ScriptedState } from "../support/scripted-state.ts";
import { styledText } from "../support/styled-text.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { startTmux, type TmuxServer } from "../support/tmux-server.ts";
import { waitFor } from "../support/wait-for.ts";

const SIDEBAR = join(import.meta.dirname, "..", "..", "dist", "sidebar.js");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

type Facts = Partial<Omit<SessionSummary, "status">> & { state?: Partial<SessionSummary["status"]> };

/** One of every mark, and titles of every width. Ages are in the middle of their unit, so that they stay. */
function everything({ home }: TemporaryWorld): SessionSummary[] {
  const now = Date.now();
  let number = 0;
  const session = (title: string, { state, ...facts }: Facts): SessionSummary => ({
    id: `sessi2n${SESSION_ID_ALPHABET[number++] ?? ""}`,
    kind: "live",
    agent: "pi",
    title,
    titleSource: "first-message",
    cwd: join(home, "dev", "myapp"),
    views: 0,
    createdAt: now - number * MINUTE,
    updatedAt: now - 3.5 * HOUR,
    ...facts,
    ...(state === undefined
      ? {}
      : {
          status: {
            state: "idle",
            since: now - 7.5 * MINUTE,
            source: "extension",
            ...state,
          },
        }),
  });
  const past = { kind: "resumable" as const, updatedAt: now - 50 * HOUR };
  const site = join(home, "dev", "site");
  const long = join(home, "dev", "clients", "a-rather-long-name", "service");
  return [
    session("Fix the auth bug in login.go", { state: { state: "working" }, views: 2 }),
    session("Which database?", { state: { state: "waiting" } }),
    session("Add pagination to the list of results", { state: { state: "error" } }),
    session("Write the changelog", { state: { unseen: true } }),
    session("Nothing to do here", { state: {}, muted: true }),
    session("Begin", { state: { state: "starting" } }),
    session("npm run dev", { agent: "command", state: { state: "working", source: "process" } }),
    session("By hand in a terminal", { kind: "external", state: {} }),
    session("Refactor the database layer", past),
    session("Cut off", { ...past, state: { state: "interrupted", since: now - 50 * HOUR } }),
    session("日本語のタイトルがとても長いので切れる", { cwd: site, state: {} }),
    session("👍🏽 skin 👨‍👩‍👧 family ❤️ 🇩🇪 1️⃣", { cwd: site, state: {} }),
    session("שלום עולם, ארוך מאוד", { cwd: site, state: {} }),
    session("{bold}#(id)\u001b[31m\u202e#[fg=red]", { cwd: site, state: {} }),
    ...Array.from({ length: 9 }, (_, index) => session(`Old ${index}`, { ...past, cwd: long, createdAt: index })),
  ];
}

interface Stage {
  tmux: TmuxServer;
  pane: string;
}

/** The sidebar in a terminal of this size, with everything in it. */
async function stage(cols: number, rows: number, environment: readonly string[] = []) {
  const stack = new AsyncDisposableStack();
  const world = stack.use(await createWorld());
  stack.use(await ScriptedState.start(world, everything(world)));
  const tmux = stack.use(await startTmux(world, { cols, rows }));
  const here = join(world.home, "dev", "myapp");
  await mkdir(here, { recursive: true });
  const command = ["env", ...environment, process.execPath, SIDEBAR];
  const pane = (await tmux.run("new-window", "-c", here, "-P", "-F", "#{pane_id}", ...command)).trim();
  return { tmux, pane, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** The pane once it shows this, with what pulses in its brighter half. */
async function screenOf(tmux: TmuxServer, pane: string, shows: string | RegExp): Promise<string> {
  await tmux.waitForPane(shows, { target: pane });
  return waitFor("the brighter half", async () => {
    const screen = styledText(await tmux.capturePane({ target: pane, escapes: true }));
    const pulsing = screen.split("\n").find((line) => /[●*](«[^»]*»)? Fix/.test(line));
    return pulsing === undefined || pulsing.includes("bold") ? screen : undefined;
  });
}

/** A frame reaches tmux in pieces, so that a part of it may be seen: it has to become what the file says. */
async function expectScreen({ tmux, pane }: Stage, name: string, shows: string | RegExp): Promise<void> {
  const golden = join(import.meta.dirname, "..", "fixtures", "sidebar", `${name}.txt`);
  const wanted = await readFile(golden, "utf8").catch(() => "");
  let screen = "";
  const isWhole = async () => (screen = await screenOf(tmux, pane, shows)) === wanted;
  await waitFor(`the screen of ${name}`, isWhole, { deadlineMs: 10_000 }).catch(() => undefined);
  await expect(screen).toMatchFileSnapshot(golden);
}

test.each([20, 32, 60])("the list at %i columns", async (cols) => {
  await using scene = await stage(cols, 26);
  await expectScreen(scene, `list-${cols}`, "Refactor");
});

test("what lies over the list", async () => {
  await using scene = await stage(32, 20);
  const { tmux, pane } = scene;
  await tmux.waitForPane("Refactor", { target: pane });
  const shot = async (name: string, shows: string | RegExp, ...keys: string[]) => {
    await tmux.sendKeys(keys, { target: pane });
    await expectScreen(scene, name, shows);
    await tmux.sendKeys(["Escape"], { target: pane });
    await tmux.waitForPane("? help", { target: pane });
  };
  await shot("menu", "Mirror below", ".");
  await shot("confirm", "in the middle", "x");
  await shot("rename", "Rename", "r");
  await shot("filter", /^\/list/m, "/", "list");
  await shot("directories", "New pi in", "n");
  await shot("help", "Sessions", "?");
  // Folded, with its counts.
  await shot("folded", /▶/, "Left");
});

test.each([
  ["no-colour", ["NO_COLOR=1"]],
  ["eight-colours", ["-u", "TMUX", "-u", "TMUX_PANE", "-u", "COLORTERM", "TERM=linux"]],
  ["ascii", ["-u", "TMUX", "-u", "TMUX_PANE", "LC_ALL=C"]],
])("%s", async (name, environment) => {
  await using scene = await stage(40, 26, environment);
  await expectScreen(scene, name, "Refactor");
});

test("five rows of twenty cells are enough", async () => {
  await using scene = await stage(20, 6);
  await expectScreen(scene, "five-rows", "Which");
});
