import { describe, expect, test } from "vitest";
import { bounded } from "../../../adapters/agents/pi/extension/events-bounded.ts";
import { Coalescer } from "../../../adapters/agents/pi/extension/events-coalescer.ts";
import { TypedMessages } from "../../../adapters/agents/pi/extension/events-typed-messages.ts";
import { EventQueue } from "../../../adapters/agents/pi/extension/events-queue.ts";

describe("a payload", () => {
  test("that is small stays as it is", () => {
    expect(bounded({ text: "hello", n: 1 })).toEqual({ json: '{"text":"hello","n":1}' });
  });

  test.each([
    ["a long text", { text: "x".repeat(5_000_000) }],
    ["control characters", { text: "\u0000".repeat(500_000) }],
    ["many values", { list: Array.from({ length: 500_000 }, (_, at) => at) }],
    ["many texts", { list: Array.from({ length: 5_000 }, () => "y".repeat(1_000)) }],
  ])("of %s is at most 256 KiB and says that it is cut", (_what, data) => {
    const { json, originalBytes } = bounded(data);
    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(256 * 1024);
    expect(originalBytes).toBeGreaterThan(256 * 1024);
    expect(() => JSON.parse(json) as unknown).not.toThrow();
  });

  test("keeps the beginning and the end of a text", () => {
    const { json } = bounded({ text: `begin${"x".repeat(1_000)}end` }, 100);
    expect(json).toMatch(/begin.*….*end/);
  });

  test("has no bytes of pictures", () => {
    const { json } = bounded({ content: [{ type: "image", mimeType: "image/png", data: "A".repeat(400) }] });
    expect(JSON.parse(json)).toEqual({ content: [{ type: "image", mimeType: "image/png", bytes: 300 }] });
  });

  test("that is a circle is none", () => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    expect(bounded(circle).json).toBe("{}");
  });
});

test("events that nobody takes are dropped, and it is said where", () => {
  const queue = new EventQueue();
  for (let event = 0; event < 1_500; event += 1) queue.push(`{"n":${event}}`);
  for (let event = 0; event < 10; event += 1) queue.shift();
  queue.push('{"n":"later"}');
  const lines: string[] = [];
  for (let line = queue.shift(); line !== undefined; line = queue.shift()) lines.push(line);
  expect(lines.at(-3)).toBe('{"n":999}');
  expect(JSON.parse(lines.at(-2) ?? "")).toMatchObject({ event: "lost", data: { dropped: 500 } });
  expect(lines.at(-1)).toBe('{"n":"later"}');
});

test("pieces of a text are joined, in order, and others come between", () => {
  const told: string[] = [];
  const coalescer = new Coalescer({
    onDelta: ({ kind, delta, deltas }) => told.push(`${kind}:${delta}:${deltas}`),
    onPartial: ({ toolCallId, n }) => told.push(`${toolCallId}:${String(n)}`),
  });
  for (const delta of ["a", "b", "c"]) coalescer.addDelta({ kind: "text", contentIndex: 0, delta });
  coalescer.addDelta({ kind: "thinking", contentIndex: 1, delta: "d" });
  for (const n of [1, 2, 3]) coalescer.addPartial({ toolCallId: "t", n });
  coalescer.close();
  expect(told).toEqual(["text:a:1", "text:bc:2", "t:1", "thinking:d:1", "t:3"]);
});

test("the queue of prompts follows what is typed and taken", () => {
  const queue = new TypedMessages();
  expect(queue.typed("starts a run", undefined)).toBe(false);
  queue.typed("one", "steer");
  queue.typed("/skill:two", "followUp");
  queue.taken("one");
  expect(queue.all).toEqual([{ text: "/skill:two", as: "followUp" }]);
  queue.taken("the text of the skill");
  expect(queue.all).toEqual([]);
  expect(queue.taken("more")).toBe(false);
});
