import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AttributionRequest } from "../../protocol/host-api.ts";
import { HostState } from "../../protocol/session.ts";
import { requestJson } from "../../runtime/http-client.ts";
import { readLease } from "../../runtime/lease.ts";
import { statePaths } from "../../runtime/paths.ts";
import { startHost, type RunningHost } from "../support/host.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { TestView } from "../support/view.ts";

let world: TemporaryWorld;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.dispose());

/** A host of an agent that says nothing about itself. */
const startSilentAgent = () => startHost(world, "sleep 300", { agent: "pi", argv: ["pi"] });

function attribute(host: RunningHost, id: string, change: Partial<AttributionRequest> = {}): Promise<HostState> {
  const body: AttributionRequest = { conversation: { id, path: `/c/${id}.jsonl` }, evidence: "content", ...change };
  return requestJson(host.socket, "POST", "/v1/attribution", { schema: HostState, body });
}

const holderOf = async (key: string) => (await readLease(statePaths(world.env).leasesDirectory, key))?.session;

test("a conversation that was found by comparison is held, and so is the session", async () => {
  const host = await startSilentAgent();
  const { record } = await attribute(host, "one", { evidence: "only-candidate" });
  expect(record).toMatchObject({
    conversation: { id: "one", path: "/c/one.jsonl" },
    attribution: { evidence: "only-candidate" },
  });
  expect(await holderOf("id:one")).toBe(host.record.id);
  await attribute(host, "two");
  expect(await holderOf("id:one")).toBeUndefined();
  expect(await holderOf("id:two")).toBe(host.record.id);
  expect(await holderOf(`session:${host.record.id}`)).toBe(host.record.id);
});

test("a conversation that another session holds is refused, and nothing changes", async () => {
  const [first, second] = [await startSilentAgent(), await startSilentAgent()];
  await attribute(first, "one");
  await attribute(second, "two");
  await expect(attribute(second, "one")).rejects.toMatchObject({ code: "conversation-held" });
  expect((await second.state()).record).toMatchObject({ conversation: { id: "two" } });
  expect(await holderOf("id:one")).toBe(first.record.id);
  expect(await holderOf("id:two")).toBe(second.record.id);
});

test("the extension's own word counts more", async () => {
  const program = join(import.meta.dirname, "..", "fixtures", "agent", "scripted-agent.ts");
  const size = { cols: 400, rows: 50 };
  const child = { file: process.execPath, args: [program], expectsExtension: true, size };
  const host = await startHost(world, "", { agent: "pi", argv: ["pi"], ...child });
  const view = await TestView.open(host.socket, { size });
  await view.waitForText('"type":"ready"');
  const identity = { type: "identity", reason: "startup", conversationId: "exact", cwd: "/", running: false };
  view.type(`${JSON.stringify(identity)}\r`);
  await host.until("its conversation", ({ record }) => record.conversation?.id === "exact");
  const { record } = await attribute(host, "one");
  expect(record).toMatchObject({ conversation: { id: "exact" }, attribution: { evidence: "extension" } });
  expect(await holderOf("id:one")).toBeUndefined();
  expect(await holderOf(`session:${host.record.id}`)).toBe(host.record.id);
  await view.close();
});
