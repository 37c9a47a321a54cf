import { appendFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LiveSessions } from "../../daemon/attribution/attributable-sessions.ts";
import { createAttributor, type Attributor } from "../../daemon/attribution/attributor.ts";
import { createConversationIndex, type ConversationIndex } from "../../daemon/conversation-index/conversation-index.ts";
import type { SessionScreen } from "../../daemon/attribution/session-screens.ts";
import { openLog } from "../../runtime/log.ts";
import { programPath } from "../../runtime/version.ts";
import { writeConversation } from "../fixtures/pi/conversation-files.ts";
import { ConversationLines } from "../fixtures/pi/conversation-lines.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { waitFor } from "../support/wait-for.ts";

const APPLES = "Now write a poem about apples, plums and apricots in the orchard behind the house";
const ROCKS = "Now tell the story of granite, basalt and marble in the quarry on the other side";

let world: TemporaryWorld;
let index: ConversationIndex;
let attributor: Attributor;
let live: LiveSessions;
let screens: Map<string, string>;
let changes: string[];
/** Screens that were read. */
let reads: number;
beforeEach(async () => {
  world = await createWorld();
  const log = openLog(join(world.work, "log"));
  const roots = [{ path: join(world.root, "sessions"), depth: 1 as const }];
  index = createConversationIndex({ stateDirectory: world.work, log, roots, threadProgram: programPath("index") });
  await index.whenScanned();
  live = { silent: [], said: [] };
  screens = new Map();
  changes = [];
  reads = 0;
  attributor = createAttributor({ index, sessions: () => Promise.resolve(live), screen, log });
  attributor.onChange((id) => changes.push(id));
});
afterEach(async () => {
  attributor.close();
  await index.close();
  await world.dispose();
});

function screen(id: string): Promise<SessionScreen | undefined> {
  reads += 1;
  const text = screens.get(id);
  return Promise.resolve(text === undefined ? undefined : { text, own: true });
}

/** Sessions in the work folder from now on; `screens` decides what they show. */
function run(...ids: string[]): void {
  live = { ...live, silent: ids.map((id) => ({ id, cwd: world.work, startedAt: Date.now() - 60_000 })) };
  attributor.sessionsChanged();
}

const fileOf = (id: string) => join(world.root, "sessions", "--work--", `${id}.jsonl`);
const write = (id: string, text: string) => writeConversation(fileOf(id), { id, cwd: world.work, text });

/** Waits until exactly these sessions have exactly these conversations. */
function until(wanted: Record<string, string>): Promise<unknown> {
  const state = () =>
    Object.fromEntries(
      live.silent.flatMap(({ id }) => {
        const found = attributor.of(id);
        return found ? [[id, `${found.conversation.reading.header.id} ${found.evidence}`]] : [];
      }),
    );
  return waitFor(JSON.stringify(wanted), () => JSON.stringify(state()) === JSON.stringify(wanted)).catch(() => {
    expect(state()).toEqual(wanted);
  });
}

test("sessions get what they show, are announced, and lose it with its file", async () => {
  screens.set("a", `${APPLES}\n>`).set("b", `${ROCKS}\n>`);
  run("a", "b");
  await write("rocks", ROCKS);
  await write("apples", APPLES);
  await until({ a: "apples content", b: "rocks content" });
  expect(new Set(changes)).toEqual(new Set(["a", "b"]));
  expect(attributor.of("a")?.detail).toContain("100 %");
  await rm(fileOf("apples"));
  await until({ b: "rocks content" });
});

test("nothing is read while everything is known", async () => {
  screens.set("a", APPLES);
  run("a");
  await write("apples", APPLES);
  await until({ a: "apples content" });
  const before = reads;
  const lines = new ConversationLines();
  for (let times = 0; times < 3; times++) {
    await appendFile(fileOf("apples"), `${lines.user("And what of cherries?")}\n`);
    await attributor.look();
  }
  expect(reads).toBe(before);
});

test("a screen that shows nothing yet is looked at again", async () => {
  screens.set("a", "starting").set("b", "starting");
  run("a", "b");
  await write("apples", APPLES);
  await write("rocks", ROCKS);
  await waitFor("the screens to be read", () => reads >= 2);
  await until({});
  screens.set("a", APPLES);
  await until({ a: "apples content" });
});

test("what an agent says it holds is nobody else's, also after it has gone on to another one", async () => {
  live = { silent: [], said: [{ session: "speaking", conversationId: "apples" }] };
  await attributor.look();
  await write("apples", APPLES);
  await waitFor("the file to be known", () => index.byId("apples").length === 1);
  run("a");
  await attributor.look();
  expect(attributor.of("a")).toBeUndefined();
  live.said = [{ session: "speaking", conversationId: "another" }];
  await attributor.look();
  expect(attributor.of("a")).toBeUndefined();
  // Once that one has ended nobody else can have written it.
  live.said = [];
  await attributor.look();
  expect(attributor.of("a")?.evidence).toBe("only-candidate");
  // What the screen shows is another matter: the session has resumed it.
  screens.set("a", APPLES);
  await attributor.look();
  await until({ a: "apples content" });
});

test("when an agent begins to say that it holds it, the session that seemed to does not any more", async () => {
  run("a");
  await write("apples", APPLES);
  await until({ a: "apples only-candidate" });
  live = { ...live, said: [{ session: "speaking", conversationId: "apples" }] };
  attributor.sessionsChanged();
  await until({});
});

test("a session that has ended has nothing, and another one may have it then", async () => {
  screens.set("a", APPLES).set("b", APPLES);
  run("a");
  await write("apples", APPLES);
  await until({ a: "apples content" });
  run("b");
  await until({ b: "apples content" });
  expect(attributor.of("a")).toBeUndefined();
});

test("what a daemon before this one found is kept, and what a session was launched on is its until it moves on", async () => {
  await write("apples", APPLES);
  await waitFor("the file to be known", () => index.byId("apples").length === 1);
  const session = (id: string, evidence: "launch" | "content") => {
    return { id, cwd: world.work, startedAt: Date.now(), recorded: { conversationId: "apples", evidence } };
  };
  live = { silent: [session("a", "content")], said: [] };
  attributor.sessionsChanged();
  await until({ a: "apples content" });
  live = { silent: [session("c", "launch")], said: [] };
  await attributor.look();
  // Its record says it already.
  expect(attributor.of("c")).toBeUndefined();
  screens.set("c", ROCKS);
  await write("rocks", ROCKS);
  await until({ c: "rocks content" });
});
