import { existsSync } from "node:fs";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { OriginalClient } from "../support/bridge-client.ts";
import { waitFor } from "../support/wait-for.ts";
import { eventsOf, onlyBridge } from "./bridge-scene.ts";
import { createScene } from "./pi-scene.ts";

const ASKING = join(import.meta.dirname, "..", "fixtures", "pi", "dialogs-extension.ts");
const SERVICE = join(import.meta.dirname, "..", "fixtures", "pi", "questions-extension.ts");
const COMMANDS = join(import.meta.dirname, "..", "fixtures", "pi", "commands-extension.ts");

describe("a client written for pi-session-bridge", () => {
  it("finds a pi, reads it and drives it", async () => {
    await using scene = await createScene();
    const session = await scene.startPi("-e", COMMANDS);
    const found = await onlyBridge(scene);
    const directory = join(scene.world.root, "tmp", `pi-session-bridge-${process.getuid?.()}`);
    expect(found).toMatchObject({
      protocol: "pi-session-bridge.v1",
      socketPath: join(directory, `pi-${found.pid}.sock`),
      bridgeDir: directory,
      cwd: scene.world.work,
      sessionId: session.conversation?.id,
      isIdle: true,
    });
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect((await stat(found.socketPath)).mode & 0o777).toBe(0o600);

    using client = await OriginalClient.open(found.socketPath);
    const hello = await client.next(({ type }) => type === "bridge_hello");
    expect(hello).toMatchObject({ protocol: "pi-session-bridge.v1", state: { pid: found.pid, isIdle: true } });
    expect(client.messages[0]).toBe(hello);
    expect(await client.ok({ type: "ping" })).toMatchObject({ protocol: "pi-session-bridge.v1" });

    const sent = await client.ok({ type: "prompt", message: "bash: echo from-a-tool" });
    expect(sent).toMatchObject({ deliveredAs: "now", idleBeforeSend: true, disposition: "started" });
    const ended = await client.event("agent_end");
    expect(ended.data).toMatchObject({ stopReason: "stop" });
    expect(ended.data["finalTextPreview"]).toContain("[after tool]");
    expect((await client.event("input")).data).toMatchObject({ textPreview: "bash: echo from-a-tool" });
    expect((await client.event("tool_execution_start")).data).toMatchObject({ toolName: "bash" });
    const tool = await client.event("tool_execution_end");
    expect(tool).toMatchObject({ truncated: true, data: { toolName: "bash", isError: false } });
    expect(tool.data["resultPreview"]).toContain("from-a-tool");
    expect(Date.parse(tool["timestamp"] as string)).toBeGreaterThan(Date.now() - 60_000);
    expect((await client.event("message_update")).data).toMatchObject({ role: "assistant", type: "text_delta" });
    const answers = client.messages.filter(({ event }) => event === "message_end").map(({ data }) => data);
    expect(answers.at(-1)).toMatchObject({ message: { role: "assistant", stopReason: "stop" } });

    const whole = await client.ok({ type: "history", raw: true, event: "tool_execution_end", limit: 1 });
    expect(eventsOf(whole)[0]).toMatchObject({ rawRestored: true, data: { type: "tool_execution_end" } });
    expect(await client.ok({ type: "get_commands" })).toMatchObject({
      commands: expect.arrayContaining([expect.objectContaining({ name: "note", source: "extension" })]) as unknown,
    });

    await scene.ok("rename", session.id, "By another name");
    expect((await client.event("session_info_changed")).data).toMatchObject({ namePreview: "By another name" });
    expect(await client.ok({ type: "state" })).toMatchObject({ sessionName: "By another name", isIdle: true });
  });

  it("steers, follows up, interrupts, and ends the session", async () => {
    await using scene = await createScene();
    const { id } = await scene.startPi();
    const { pid, socketPath } = await onlyBridge(scene);
    using client = await OriginalClient.open(socketPath);
    await client.ok({ type: "send", message: [{ type: "text", text: "hang" }] });
    await waitFor("the run", () => scene.model.requests.some(({ prompt }) => prompt === "hang"));
    expect(await client.ok({ type: "get_state" })).toMatchObject({ isIdle: false });
    expect(await client.request({ type: "prompt", message: "at once", deliverAs: "now" })).toMatchObject({
      success: false,
      command: "prompt",
    });
    expect(await client.ok({ type: "steer", message: "left" })).toMatchObject({ deliveredAs: "steer" });
    expect(await client.ok({ type: "follow_up", message: "then" })).toMatchObject({
      deliveredAs: "followUp",
      disposition: "queued",
    });
    expect(await client.ok({ type: "get_state" })).toMatchObject({ hasPendingMessages: true });
    await client.ok({ type: "abort" });
    await waitFor("the end of the run", async () => (await client.ok({ type: "state" }))["isIdle"]);

    // A probe that no model hears of.
    const requests = scene.model.requests.length;
    await client.ok({ type: "prompt", message: "/bridge:ping are you there" });
    expect((await client.event("bridge_pong")).data).toMatchObject({ text: "are you there" });
    expect(scene.model.requests).toHaveLength(requests);

    expect(await client.request({ type: "shutdown" })).toMatchObject({
      success: false,
      error: expect.stringContaining("confirm:true") as unknown,
    });
    expect(await client.ok({ type: "shutdown", confirm: true })).toEqual({ requested: true });
    await client.closed;
    expect(client.messages.at(-1)).toMatchObject({ type: "bridge_stop", reason: "exited" });
    await scene.untilSessionEnds(id);
    expect(existsSync(socketPath)).toBe(false);
    expect(existsSync(join(socketPath, "..", "instances", `${pid}.json`))).toBe(false);
  });

  it("lists, answers and rejects what extensions ask", async () => {
    await using scene = await createScene();
    const session = await scene.startPi("-e", ASKING, "-e", SERVICE);
    using client = await OriginalClient.open((await onlyBridge(scene)).socketPath);
    const asked = async (skip: number) => {
      const event = await client.next(({ event, data }) => event === "question" && isOpened(data), skip);
      return (event["data"] as { requestId: string }).requestId;
    };
    const settled = (action: string, requestId: string) =>
      client.next(({ event, data }) => {
        const said = data as { action?: string; requestId?: string } | undefined;
        return event === "question" && said?.action === action && said.requestId === requestId;
      });

    await client.ok({ type: "prompt", message: "/service" });
    expect(await asked(0)).toBe("que_1");
    expect(await client.ok({ type: "questions" })).toMatchObject({
      available: true,
      questions: [
        {
          requestId: "que_1",
          request: { questions: [{ header: "Go", question: "Go on?", options: [{ label: "Stop here" }, {}] }] },
        },
      ],
    });
    expect(await client.ok({ type: "answer", requestId: "que_1", answers: [["Stop here"]] })).toEqual({
      answered: true,
      requestId: "que_1",
    });
    await settled("answered", "que_1");

    let skip = client.messages.length;
    await client.ok({ type: "prompt", message: "/ask confirm" });
    const confirm = await asked(skip);
    expect(await client.request({ type: "question_reply", requestId: confirm, answers: [["Maybe"]] })).toMatchObject({
      success: false,
      command: "answer",
    });
    await client.ok({ type: "question_reply", requestId: confirm, answers: [["Yes"]] });
    await settled("answered", confirm);

    skip = client.messages.length;
    await client.ok({ type: "prompt", message: "/ask select" });
    const select = await asked(skip);
    expect(await client.ok({ type: "question_reject", request_id: select })).toEqual({
      rejected: true,
      requestId: select,
    });
    await settled("rejected", select);
    expect(await client.request({ type: "reject", requestId: select })).toMatchObject({ success: false });
    await scene.untilSession(session.id, ({ status }) => status?.state === "idle");
  });

  it("hears activity and emitted messages, of which the conversation knows nothing, unless it is muted", async () => {
    await using scene = await createScene();
    const active = join(scene.world.work, "active.mjs");
    await writeFile(
      active,
      `export default (pi) => pi.registerCommand("active", { description: "", handler: async () =>
         globalThis[Symbol.for("vstack.pi.activity")].publish({ kind: "task", text: "half done" }) });`,
    );
    await scene.startPi("-e", active);
    const { socketPath } = await onlyBridge(scene);
    using listening = await OriginalClient.open(socketPath);
    using muted = await OriginalClient.open(socketPath);
    expect(await muted.ok({ type: "subscribe", enabled: false })).toEqual({ enabled: false });
    await listening.ok({ type: "prompt", message: "/active" });
    expect((await listening.event("vstack_activity")).data).toEqual({ kind: "task", text: "half done" });
    expect(await muted.ok({ type: "emit", message: "tests are green" })).toEqual({ message: "tests are green" });
    expect((await listening.event("bridge_emit")).data).toMatchObject({ message: "tests are green" });
    expect(muted.messages.filter(({ type }) => type === "event")).toEqual([]);
    expect(await muted.ok({ type: "subscribe", enabled: true })).toEqual({ enabled: true });
    await muted.ok({ type: "emit", message: "again" });
    expect((await muted.event("bridge_emit")).data).toMatchObject({ message: "again" });
    expect(scene.model.requests).toEqual([]);
  });
});

function isOpened(data: unknown): boolean {
  return (data as { action?: string } | undefined)?.action === "opened";
}
