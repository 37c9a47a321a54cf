import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startScriptedModel, type ScriptedModel } from "../../cli/demo/scripted-model.ts";
import { NO_EXTENSION_VARIABLE } from "../../protocol/user-variables.ts";
import type { SessionSummary } from "../../protocol/session.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import { findProgram } from "../../runtime/find-program.ts";
import { DaemonClient, startDaemon } from "../fixtures/daemon/daemon-client.ts";
import { writeAgentDirectory } from "../fixtures/pi/agent-directory.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { Terminal } from "../support/terminal.ts";
import { startTmux, type TmuxServer } from "../support/tmux-server.ts";
import { TestView } from "../support/view.ts";
import { waitFor } from "../support/wait-for.ts";

const SIZE = { cols: 100, rows: 30 };

let world: TemporaryWorld;
let model: ScriptedModel;
let client: DaemonClient;
let pi: string;
/** What the list said of each session's conversation, in the order of first sight. */
let seen: Map<string, string[]>;
beforeEach(async () => {
  world = await createWorld();
  model = await startScriptedModel();
  await writeAgentDirectory(world.agentDirectory, { modelUrl: model.url, settings: { quietStartup: false } });
  pi = await findProgram(process.env.PISYNC_TEST_PI ?? "pi", world.env, world.work);
  await startDaemon(world);
  client = new DaemonClient(world);
  seen = new Map();
});
afterEach(async () => {
  await client.killAll();
  await model.close();
  await world.dispose();
});

/** A pi in which prompts can be typed. */
interface Typing {
  id: string;
  /** Types a line; resolves when pi shows the answer. */
  say(text: string, answer?: string): Promise<void>;
}

const answerTo = (text: string) => `Echo reply to: ${text.slice(0, 20)}`;

async function sessions(): Promise<SessionSummary[]> {
  const all = await client.list();
  for (const { id, kind, conversation } of all) {
    if (kind === "resumable" || conversation === undefined) continue;
    const before = seen.get(id) ?? [];
    if (before.at(-1) !== conversation.id) seen.set(id, [...before, conversation.id]);
  }
  return all;
}

function until(id: string, reason: string, condition: (session: SessionSummary) => boolean): Promise<SessionSummary> {
  return waitFor(`${id} ${reason}`, async () =>
    (await sessions()).find((session) => session.id === id && condition(session)),
  );
}

const untilAttributed = (id: string) =>
  until(id, "to have a conversation", ({ conversation }) => conversation !== undefined);

/** How many conversations there are, whoever holds them. */
const conversations = async () =>
  new Set((await sessions()).flatMap(({ conversation }) => conversation?.id ?? [])).size;

/** A pi under a host, without the extension. */
async function startManaged(args: string[] = []): Promise<Typing> {
  const env = { ...world.env, [NO_EXTENSION_VARIABLE]: "1" };
  const { session } = await client.launch({ agent: "pi", argv: [pi, ...args], env, size: SIZE });
  const view = await TestView.connect(session.socket ?? "", { size: SIZE });
  // pi sets the title when it takes what is typed.
  const ready = new Promise((resolve) => view.terminal.onTitleChange(resolve));
  view.tell({ type: "hello", protocol: PROTOCOL_VERSION, version: "0.0.0", mode: "mirror", ...SIZE });
  await ready;
  return {
    id: session.id,
    async say(text, answer = answerTo(text)) {
      view.type(`\x1b[200~${text}\x1b[201~`);
      await view.waitForText(text);
      view.type("\r");
      await view.waitForText(answer);
    },
  };
}

/** A pi in a window of its own in tmux, started in a shell. */
async function startExternal(tmux: TmuxServer, command = pi): Promise<Typing & { pane: string }> {
  const target = await tmux.run("new-window", "-d", "-P", "-F", "#{pane_id}", "sh");
  await tmux.sendKeys([command, "Enter"], { target });
  const { id } = await waitFor("the external session", async () =>
    (await sessions()).find(({ terminal }) => terminal?.tmux?.pane === target),
  );
  return {
    id,
    pane: target,
    async say(text, answer = answerTo(text)) {
      await tmux.sendBytes(`\x1b[200~${text}\x1b[201~`, { target });
      await tmux.waitForPane(text, { target });
      await tmux.sendKeys(["Enter"], { target });
      await tmux.waitForPane(answer, { target });
    },
  };
}

async function textOf({ conversation }: SessionSummary): Promise<string> {
  return readFile(conversation?.path ?? "", "utf8");
}

const SAME = "Please have a look at the parser and fix it";
const APPLES = "Now write a poem about apples, plums and apricots in the orchard";
const ROCKS = "Now tell the story of granite, basalt and marble in the quarry";

/** Two that were given the same prompt, then different ones: what is right shows only then. */
async function expectNotSwapped(one: Typing, other: Typing): Promise<void> {
  await one.say(SAME);
  await other.say(SAME);
  await waitFor("both conversations to be listed", async () => (await conversations()) === 2);
  await one.say(APPLES);
  await other.say(ROCKS);
  const [first, second] = [await untilAttributed(one.id), await untilAttributed(other.id)];
  expect([first.attribution, second.attribution]).toEqual([{ evidence: "content" }, { evidence: "content" }]);
  expect(await textOf(first)).toContain(APPLES);
  expect(await textOf(second)).toContain(ROCKS);
  // There never was another one in between.
  expect(seen.get(one.id)).toEqual([first.conversation?.id]);
  expect(seen.get(other.id)).toEqual([second.conversation?.id]);
}

test("two sessions in one directory with the same first prompt are not swapped", async () => {
  await expectNotSwapped(await startManaged(), await startManaged());
});

test("two external pi in one directory with the same first prompt are not swapped", async () => {
  await using tmux = await startTmux(world, { ...SIZE, argv: ["sh"] });
  await expectNotSwapped(await startExternal(tmux), await startExternal(tmux));
});

test("a session follows its agent to another conversation, and says how it knows", async () => {
  const session = await startManaged();
  await session.say(APPLES);
  const first = await untilAttributed(session.id);
  const { attribution, conversation } = await client.explain(session.id);
  expect(attribution?.evidence).toMatch(/100 % of what was said last in it is on the session's screen/);
  expect(conversation?.value).toContain(first.conversation?.id);

  await session.say("/new", "New session started");
  await session.say(ROCKS);
  const second = await until(session.id, "to hold the new one", ({ conversation }) => {
    return conversation !== undefined && conversation.id !== first.conversation?.id;
  });
  expect(await textOf(second)).toContain(ROCKS);
  expect(seen.get(session.id)).toEqual([first.conversation?.id, second.conversation?.id]);
});

test("a pi that continued a conversation and has written nothing yet holds it; one started afresh below it does not", async () => {
  await using tmux = await startTmux(world, { ...SIZE, argv: ["sh"] });
  const before = await startExternal(tmux);
  await before.say(APPLES);
  const { conversation } = await untilAttributed(before.id);
  await tmux.sendKeys(["C-d"], { target: before.pane });
  await waitFor("it to be resumable", async () => (await client.find(before.id)) === undefined);

  await tmux.sendKeys([pi, "Enter"], { target: before.pane });
  const fresh = await waitFor("the fresh one", async () => (await sessions()).find(({ kind }) => kind === "external"));
  await tmux.waitForPane("0.0%", { target: before.pane });
  const continued = await startExternal(tmux, `${pi} -c`);
  expect((await untilAttributed(continued.id)).conversation).toEqual(conversation);
  expect(seen.get(fresh.id)).toBeUndefined();
});

test("the only pi of a directory has the only conversation written there, although nothing shows its screen", async () => {
  // It keeps its conversations elsewhere, too.
  const agentDirectory = join(world.root, "elsewhere");
  await writeAgentDirectory(agentDirectory, { modelUrl: model.url });
  const env = { ...world.env, PI_CODING_AGENT_DIR: agentDirectory };
  await using terminal = new Terminal({ argv: [pi, APPLES], cwd: world.work, env });
  await terminal.waitForScreen("Echo reply to");
  const session = await waitFor("it to be attributed", async () =>
    (await sessions()).find(({ kind, conversation }) => kind === "external" && conversation !== undefined),
  );
  expect(session).toMatchObject({ attribution: { evidence: "only-candidate" }, title: APPLES });
  expect(session.conversation?.path).toContain(agentDirectory);
  expect(await textOf(session)).toContain(APPLES);
});
