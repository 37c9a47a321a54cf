import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CommandList, History, MessagePage } from "../../protocol/events.ts";
import { requestJson } from "../../runtime/http-client.ts";
import { LogReader } from "../support/log-reader.ts";
import { startPiHost } from "../support/pi-host.ts";
import { createWorld } from "../support/temporary-world.ts";
import { waitFor } from "../support/wait-for.ts";

test("a run with a tool is in the log, complete and in order", async () => {
  await using stage = await startPiHost();
  const { socket } = stage.host;
  // Said behind the identity, by which pi is known to be idle.
  await waitFor("the beginning to be in the log", async () => {
    const { events } = await requestJson(socket, "GET", "/v1/history?event=session_start", { schema: History });
    return events.length > 0;
  });
  using reader = await LogReader.open(socket);
  await stage.say("bash: echo from-a-tool");
  const end = await reader.next("run_end");
  expect(end.data).toEqual({ outcome: "done" });

  const answered = reader.events.filter(({ event, data }) => {
    const role = data["role"] ?? (data["message"] as { role?: string } | undefined)?.role;
    return !["message_update", "tool_execution_update"].includes(event) && role !== "system";
  });
  const names = answered.map(({ event }) => event);
  expect(names.slice(0, names.indexOf("run_end") + 1)).toEqual([
    "input",
    "agent_start",
    "run_start",
    "status",
    "turn_start",
    ...["message_start", "message_end"],
    "after_provider_response",
    ...["message_start", "message_end"],
    ...["tool_execution_start", "tool_execution_end"],
    ...["message_start", "message_end"],
    "turn_end",
    "turn_start",
    "after_provider_response",
    ...["message_start", "message_end"],
    "turn_end",
    "agent_end",
    "agent_settled",
    "run_end",
  ]);
  const seqs = reader.events.map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] as number) + index));
  expect(reader.ids).toEqual(seqs.map(String));
  const tool = await reader.next("tool_execution_end");
  expect(tool.data).toMatchObject({ toolName: "bash", isError: false });
  expect(JSON.stringify(tool.data)).toContain("from-a-tool");
});

test("the pieces of an answer are joined and none is lost", async () => {
  await using stage = await startPiHost();
  using reader = await LogReader.open(stage.host.socket, { path: "/v1/log?raw=true&event=message_update,run_end" });
  await stage.say("big");
  await reader.next("run_end");
  const updates = reader.events.filter(({ event }) => event === "message_update");
  const text = updates.map(({ data }) => data["delta"]).join("");
  expect(text.trim().split(" ")).toHaveLength(3_000);
  expect(updates.length).toBeLessThanOrEqual(16);
  expect(updates.every(({ truncated }) => truncated === undefined)).toBe(true);
});

test("history, messages and commands answer what a joining client needs", async () => {
  await using stage = await startPiHost();
  const { socket } = stage.host;
  using reader = await LogReader.open(socket);
  await stage.say("hello there");
  await reader.next("run_end");

  const history = await requestJson(socket, "GET", "/v1/history?event=message_end&limit=1", { schema: History });
  expect(history.events.map(({ event }) => event)).toEqual(["message_end"]);
  expect(history.omitted).toBeGreaterThan(0);
  const page = await requestJson(socket, "GET", "/v1/messages?limit=1", { schema: MessagePage });
  expect(page).toMatchObject({ offset: 1, total: 2, messages: [{ message: { role: "assistant" } }] });
  const first = await requestJson(socket, "GET", "/v1/messages?limit=2000&offset=0", { schema: MessagePage });
  expect(first.messages.map(({ message }) => message["role"])).toEqual(["user", "assistant"]);
  const commands = await requestJson(socket, "GET", "/v1/commands", { schema: CommandList });
  expect(Array.isArray(commands.commands)).toBe(true);
});

test("a failing model is seen to be asked again", async () => {
  await using stage = await startPiHost();
  using reader = await LogReader.open(stage.host.socket);
  await stage.say("flaky:2");
  await reader.next("run_end");
  const retries = reader.events.filter(({ event }) => event === "retry");
  expect(retries.map(({ data }) => data["attempt"])).toEqual([1, 2]);
  expect(reader.names().filter((name) => name === "run_start")).toHaveLength(1);
});

const PUBLISHING_EXTENSION = `export default (pi) => {
  pi.on("agent_settled", () => {
    pi.events.emit("pisync:activity", { text: "on pi's bus" });
    globalThis[Symbol.for("pisync")].activity.publish({ text: "at the broker" });
    globalThis[Symbol.for("vstack.pi.activity")].publish({ text: "where others look" });
  });
};`;

test("what other extensions publish is in the log and not in the conversation", async () => {
  await using folder = await createWorld();
  const file = join(folder.work, "publishing.mjs");
  await writeFile(file, PUBLISHING_EXTENSION);
  await using stage = await startPiHost({ args: ["-e", file] });
  using reader = await LogReader.open(stage.host.socket);
  await stage.say("hello");
  const heard = () => reader.events.filter(({ event }) => event === "activity").map(({ data }) => data["text"]);
  await waitFor("the activities", () => heard().length === 3);
  expect(heard()).toEqual(["on pi's bus", "at the broker", "where others look"]);
  const page = await requestJson(stage.host.socket, "GET", "/v1/messages", { schema: MessagePage });
  expect(JSON.stringify(page)).not.toContain("broker");
});
