import { describe, expect, test } from "vitest";
import { bridgeEventOf } from "../../../../control/bridge/history.ts";
import { bridgeModel, toBridgeEvent } from "../../../../control/bridge/events.ts";
import { BridgeSettings } from "../../../../protocol/bridge-settings.ts";
import type { EventData, EventEnvelope } from "../../../../protocol/events.ts";

const SETTINGS = BridgeSettings.parse({});

function envelope(event: string, data: EventData, more: Partial<EventEnvelope> = {}): EventEnvelope {
  return { v: 1, seq: 7, id: "abcdefgh:7", at: 1_779_321_600_000, session: "abcdefgh", event, data, ...more };
}

function compact(event: string, data: EventData) {
  return bridgeEventOf(envelope(event, data), SETTINGS, { raw: false, isWhole: true });
}

describe("a compact event", () => {
  test.each<[string, EventData, EventData]>([
    [
      "input",
      { text: "grün", source: "interactive", streamingBehavior: "steer", images: 2 },
      {
        textBytes: 5,
        textLength: 4,
        textPreview: "grün",
        source: "interactive",
        streamingBehavior: "steer",
        imagesCount: 2,
      },
    ],
    [
      "message_update",
      { kind: "thinking", contentIndex: 1, delta: "hmm", deltas: 2 },
      {
        role: "assistant",
        type: "thinking_delta",
        contentIndex: 1,
        deltaBytes: 3,
        deltaLength: 3,
        deltaPreview: "hmm",
      },
    ],
    [
      "tool_execution_start",
      { toolCallId: "c1", toolName: "bash", args: { command: "ls" } },
      { toolName: "bash", toolUseId: "c1", argsBytes: 16, argsPreview: '{"command":"ls"}' },
    ],
    ["tool_execution_update", { toolCallId: "c1", toolName: "bash", partialResult: "a" }, { resultPreview: "a" }],
    [
      "tool_execution_end",
      { toolCallId: "c1", toolName: "bash", result: { content: [] }, isError: true },
      { isError: true, resultBytes: 14, resultPreview: '{"content":[]}' },
    ],
    [
      "agent_end",
      { messages: 3, stopReason: "stop", text: "Done." },
      { messagesCount: 3, stopReason: "stop", finalTextLength: 5, finalTextPreview: "Done." },
    ],
    ["session_info_changed", { name: "Short" }, { nameBytes: 5, nameLength: 5, namePreview: "Short" }],
  ])("%s tells sizes and beginnings, and where the whole is", (event, data, described) => {
    const told = compact(event, data);
    expect(told).toMatchObject({ type: "event", event, truncated: true, rawEventRef: "7", data: described });
    expect(told.timestamp).toBe("2026-05-21T00:00:00.000Z");
    expect(told.originalBytes).toBeGreaterThan(0);
  });

  test.each<[string, EventData, EventData]>([
    ["agent_start", {}, {}],
    ["turn_end", { turnIndex: 2, toolResults: 1 }, { turnIndex: 2, toolResultsCount: 1 }],
    ["message_start", { role: "user" }, { message: { role: "user" } }],
    ["message_end", { message: { role: "assistant", content: [] } }, { message: { role: "assistant", content: [] } }],
    ["model_select", { model: "a/b/c" }, { model: { provider: "a", id: "b/c" } }],
    ["thinking_level_select", { level: "high" }, { level: "high" }],
  ])("%s is as pi's extensions get it", (event, data, expected) => {
    const told = compact(event, data);
    expect(told.data).toEqual({ type: event, ...expected });
    expect(told).not.toHaveProperty("truncated");
  });

  test.each([
    ["emit", { name: "message", text: "hi" }, "bridge_emit", { name: "message", message: "hi" }],
    ["activity", { kind: "task" }, "vstack_activity", { kind: "task" }],
    ["lost", { dropped: 3 }, "bridge_lost", { dropped: 3 }],
    [
      "session_start",
      { reason: "new", conversationId: "c", model: "a/b" },
      "bridge_start",
      { reason: "new", state: { sessionId: "c", model: { provider: "a", id: "b" } } },
    ],
  ])("%s has the name that clients know", (event, data, name, expected) => {
    expect(compact(event, data)).toMatchObject({ event: name, data: expected });
  });

  test("a dialog that was closed in the terminal is answered by its user", () => {
    const told = compact("question", { action: "closed", requestId: "que_1" });
    expect(told.data).toEqual({ type: "question", action: "answered", source: "ui", requestId: "que_1" });
  });

  test.each(["status", "run_end", "queue", "host_start", "toString", "__proto__"])("%s is not for clients", (event) => {
    expect(toBridgeEvent(event, {})).toBeUndefined();
  });
});

describe("bounds", () => {
  const text = "x".repeat(9_000);

  test("a preview ends between characters, and says that there is more", () => {
    const told = compact("message_update", { kind: "text", contentIndex: 0, delta: "€".repeat(100) });
    expect(told.data).toMatchObject({ deltaBytes: 300, deltaPreview: "€".repeat(85), deltaTruncated: true });
  });

  test("of a large event only its size is told", () => {
    const told = compact("message_end", { message: { content: text } });
    expect(told).toMatchObject({ truncated: true, rawEventRef: "7" });
    expect(told.data).toMatchObject({ truncated: true, maxBytes: 8_192, originalBytes: told.originalBytes });
    expect(JSON.stringify(told).length).toBeLessThan(500);
  });

  test("raw has the whole, or says why not", () => {
    const message = { content: text };
    const whole = envelope("message_end", { message });
    expect(bridgeEventOf(whole, SETTINGS, { raw: true, isWhole: true })).toMatchObject({
      data: { message },
      rawRestored: true,
    });
    const left = envelope("message_end", {}, { truncated: true, originalBytes: 9_100 });
    const told = bridgeEventOf(left, SETTINGS, { raw: true, isWhole: false });
    expect(told).toMatchObject({ truncated: true, originalBytes: 9_100, rawError: expect.any(String) as string });
    expect(told).not.toHaveProperty("rawEventRef");
  });

  test("what the extension has cut says how much there was", () => {
    const cut = envelope("message_end", { message: {} }, { truncated: true, originalBytes: 400_000 });
    expect(bridgeEventOf(cut, SETTINGS, { raw: false, isWhole: true })).toMatchObject({ originalBytes: 400_000 });
  });
});

test("a model is told by provider and id", () => {
  expect(bridgeModel("scripted/scripted")).toEqual({ provider: "scripted", id: "scripted" });
  for (const none of [undefined, 1, "scripted"]) expect(bridgeModel(none)).toBeUndefined();
});
