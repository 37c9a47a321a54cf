import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startScriptedModel, type ScriptedModel } from "../../cli/demo/scripted-model.ts";
import { DaemonClient } from "../fixtures/daemon/daemon-client.ts";
import { writeAgentDirectory } from "../fixtures/pi/agent-directory.ts";
import { untilGone } from "../support/processes.ts";
import { Terminal } from "../support/terminal.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { waitFor } from "../support/wait-for.ts";

let model: ScriptedModel;
let world: TemporaryWorld;
let client: DaemonClient;
let terminals: Terminal[];
beforeAll(async () => {
  model = await startScriptedModel();
});
afterAll(() => model.close());
beforeEach(async () => {
  world = await createWorld();
  await writeAgentDirectory(world.agentDirectory, { modelUrl: model.url });
  client = new DaemonClient(world);
  terminals = [];
});
afterEach(async () => {
  for (const terminal of terminals) await terminal.close();
  await client.killAll();
  await world.dispose();
});

/** The real pi, as somebody starts it without pisync, after its first answer. Returns its conversation's id. */
async function startPlainPi(prompt: string): Promise<{ terminal: Terminal; conversation: string }> {
  const before = new Set(await conversationFiles());
  const terminal = new Terminal({ argv: ["pi", prompt], cwd: world.work, env: world.env });
  terminals.push(terminal);
  await terminal.waitForScreen(`Echo reply to: ${prompt}`);
  // The file is there before the header in it.
  const header = await waitFor("the header of its file", async () => {
    const file = (await conversationFiles()).find((path) => !before.has(path));
    return file === undefined ? undefined : /^.+(?=\n)/.exec(await readFile(file, "utf8"))?.[0];
  });
  return { terminal, conversation: (JSON.parse(header) as { id: string }).id };
}

async function conversationFiles(): Promise<string[]> {
  const sessions = join(world.agentDirectory, "sessions");
  const names = await readdir(sessions, { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith(".jsonl")).map((name) => join(sessions, name));
}

test("the first thing that a daemon is asked may be a conversation that an external pi has open", async () => {
  const { terminal, conversation } = await startPlainPi("hello there");
  await client.start();
  const refusal = await client.launchAgent(conversation).catch((error: unknown) => error);
  expect(refusal).toMatchObject({
    code: "conversation-external",
    message: expect.stringMatching(`in terminal .* \\(process ${terminal.pid}\\)\\.$`) as string,
    facts: { pid: terminal.pid, conversation },
  });
  const external = await client.findConversation(conversation);
  expect(external).toMatchObject({ kind: "external", title: "hello there" });
  await expect(client.resume(external?.id ?? "")).rejects.toMatchObject({ code: "conversation-external" });
  await expect(client.kill(external?.id ?? "")).rejects.toMatchObject({ code: "external-session" });
  await expect(client.rename(external?.id ?? "", "mine")).rejects.toMatchObject({ code: "external-session" });
});

test("a pi that has just ended does not keep its conversation from being opened, under either id", async () => {
  const { terminal, conversation } = await startPlainPi("hello there");
  await client.start();
  const external = await waitFor("the external session", async () => {
    const found = await client.findConversation(conversation);
    return found?.kind === "external" ? found : undefined;
  });
  await terminal.close();
  await untilGone(terminal.pid);
  const { outcome, session } = await client.resume(external.id);
  expect(outcome).toBe("started");
  expect(session).toMatchObject({ kind: "live", conversation: { id: conversation } });
  expect(session.id).not.toBe(external.id);
  expect(await client.list()).toHaveLength(1);
  expect(await client.launchAgent(conversation)).toMatchObject({ outcome: "attached", session: { id: session.id } });
});
