import { setTimeout as delay } from "node:timers/promises";
import { styleText } from "node:util";
import { findProgram } from "../../runtime/find-program.ts";
import { print } from "../output.ts";
import { DirectViews } from "./direct-views.ts";
import { sideBySide } from "./side-by-side.ts";
import { TmuxViews } from "./tmux-views.ts";
import type { TwoViews } from "./views.ts";
import type { DemoWorld } from "./world.ts";

const PROMPT = "hello from the first view";
const ANSWER = `Echo reply to: ${PROMPT}`;
const SIGKILL_EXIT = 137;

const DEADLINE_MS = 30_000;
const LOOK_EVERY_MS = 50;

/**
 * Shows what pisync does on a real pi, and checks each claim.
 * @throws at the first that is not true.
 */
export async function narrate(world: DemoWorld): Promise<void> {
  print(`One pi, two terminals, a crash. Everything happens in ${world.directory} and goes away with it.\n`);

  say("pisync pi --detach");
  const id = await world.pisync("pi", "--detach", "--name", "pisync demo");
  const { pid, conversation } = await until("pi reports its conversation", async () => {
    const session = await world.session(id);
    return session.kind === "live" && session.conversation !== undefined ? session : undefined;
  });
  claim(`pi runs as process ${pid ?? 0} in session ${id}, without a terminal`);

  const views = await openViews(world, id);
  try {
    say(`pisync attach ${id}     (twice: ${views.kind})`);
    await onBoth(views, "scripted", "both views show pi");
    await converse(views);
    await crash(world, views, { id, pid });
    await comeBack(world, views, { id, conversation: conversation?.id });
  } finally {
    await views.close();
  }
}

async function converse(views: TwoViews): Promise<void> {
  say(`typed in the first view: ${PROMPT}`);
  await views.type(PROMPT);
  await onBoth(views, PROMPT, "both views show what is typed");
  await views.pressEnter();
  await until("the prompt is taken", async () => {
    const [screen] = await views.screens();
    // Until its extensions have started, pi leaves a prompt in the editor and says so.
    if (screen.includes("Startup is still in progress") && !screen.includes(ANSWER)) await views.pressEnter();
    return screen.includes(ANSWER);
  });
  await onBoth(views, ANSWER, "both views show the answer");
  const [left, right] = await until("the screens are identical", async () => {
    const screens = await views.screens();
    return screens[0] === screens[1] ? screens : undefined;
  });
  claim("the two screens are identical");
  for (const line of sideBySide(left, right, views.width)) print(line);
}

async function crash(
  world: DemoWorld,
  views: TwoViews,
  { id, pid }: { id: string; pid: number | undefined },
): Promise<void> {
  if (pid === undefined) throw new Error("pi's process is not known");
  say(`kill -9 ${pid}`);
  process.kill(pid, "SIGKILL");
  let codes: (number | undefined)[] = [];
  await until(`both views end with ${SIGKILL_EXIT}`, async () => {
    codes = await views.exitCodes();
    return codes.every((code) => code === SIGKILL_EXIT);
  }).catch((error: unknown) => {
    throw new Error(`${(error as Error).message}, but with ${codes.join(" and ")}`, { cause: error });
  });
  claim(`both views ended with pi's own exit code, ${SIGKILL_EXIT}`);
  await until("the session can be resumed", async () => (await world.session(id)).kind === "resumable");
  claim(`session ${id} can be resumed`);
}

async function comeBack(
  world: DemoWorld,
  views: TwoViews,
  was: { id: string; conversation: string | undefined },
): Promise<void> {
  say(`pisync resume ${was.id}`);
  const id = await world.pisync("resume", "--detach", was.id);
  if (id !== was.id) throw new Error(`the session came back as ${id}`);
  await views.attachAgain();
  await onBoth(views, ANSWER, "the history is back in both views");
  await until("it is the same conversation", async () => {
    const { kind, conversation } = await world.session(id);
    return kind === "live" && conversation?.id === was.conversation;
  });
  claim(`it is the same session ${id} and the same conversation`);
}

async function openViews(world: DemoWorld, id: string): Promise<TwoViews> {
  const tmux = await findProgram("tmux", world.env, world.work).catch(() => undefined);
  return tmux === undefined ? DirectViews.open(world, id) : TmuxViews.open(world, id);
}

async function onBoth(views: TwoViews, text: string, what: string): Promise<void> {
  let seen: readonly string[] = [];
  await until(what, async () => {
    seen = await views.screens();
    return seen.every((screen) => screen.includes(text));
  }).catch((error: unknown) => {
    throw new Error(`${(error as Error).message}; they showed:\n${seen.join("\n---\n")}`, { cause: error });
  });
  claim(what);
}

/** Looks until it is so. @throws at the deadline. */
async function until<T>(what: string, look: () => Promise<T>): Promise<NonNullable<T>> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`after ${DEADLINE_MS / 1000} s it was not so that ${what}`);
    await delay(LOOK_EVERY_MS);
  }
}

function say(line: string): void {
  print(styleText("bold", `$ ${line}`, { stream: process.stdout }));
}

/** Only ever called after the check. */
export function claim(what: string): void {
  print(`  ${styleText("green", "✓", { stream: process.stdout })} ${what}`);
}
