import { expect, test } from "vitest";
import { passages } from "../../../adapters/agents/pi/conversation-passages.ts";
import { ConversationLines } from "../../fixtures/pi/conversation-lines.ts";

const MB = 1024 * 1024;

const saidIn = (...lines: string[]) => passages(Buffer.from(lines.join("")), 0).map(({ role, text }) => [role, text]);

test("what user and agent said, commands and summaries; nothing else", () => {
  const pi = new ConversationLines();
  const thinking = { type: "thinking", thinking: "secret", text: "also secret" };
  const call = { type: "toolCall", id: "c", name: "bash", arguments: { text: "argument", type: "text" } };
  const blocks = [thinking, { type: "text", text: "One" }, call, { type: "text", text: "Two" }];
  expect(
    saidIn(
      pi.header(),
      pi.entry("message", { message: { role: "system", content: "instructions" } }),
      pi.user("Question", [{ type: "image", data: "picture", mimeType: "image/png" }]),
      pi.assistant("", "toolUse", { content: blocks }),
      pi.toolResult("output"),
      pi.assistant("", "error", { errorMessage: "failed" }),
      pi.command("git status", "clean"),
      pi.entry("compaction", { summary: "What was compacted", firstKeptEntryId: "00000001" }),
      pi.entry("branch_summary", { summary: "What was left", fromId: "00000001" }),
      pi.entry("session_info", { name: "name" }),
      pi.entry("custom_message", { content: "of an extension" }),
      pi.entry("message", { message: { role: "user", content: " plain " } }),
    ),
  ).toEqual([
    ["user", "Question"],
    ["agent", "One\nTwo"],
    ["command", "git status"],
    ["summary", "What was compacted"],
    ["summary", "What was left"],
    ["user", "plain"],
  ]);
});

test("each says when it was said and where its line begins in the file", () => {
  const pi = new ConversationLines();
  const before = pi.header() + pi.user("Über 日本");
  const lines = `${pi.toolResult("ä".repeat(500))}\r\n\n${pi.assistant("Here", "stop")}`;
  const [passage] = passages(Buffer.from(lines), Buffer.byteLength(before));
  const file = Buffer.from(before + lines);
  expect(passage).toMatchObject({ role: "agent", text: "Here", at: pi.at });
  expect(file.subarray(passage?.offset).toString()).toBe(lines.slice(lines.lastIndexOf('{"type":"message"')));
});

test("without a date an entry was said when the one before it was", () => {
  const pi = new ConversationLines();
  const first = pi.toolResult("x");
  const { at } = pi;
  const [passage] = passages(Buffer.from(first + pi.entry("compaction", { summary: "s", timestamp: "never" })), 0);
  expect(passage?.at).toBe(at);
});

test("broken, binary and foreign lines hold no passages", () => {
  const pi = new ConversationLines();
  const lines = [
    "{\n",
    "\0\0\n",
    "null\n",
    "[1]\n",
    '{"type":"message"}\n',
    '{"type":"message","message":{"role":"user"}}\n',
  ];
  expect(saidIn(...lines, pi.user("Still here").replace("\n", "\r\n"))).toEqual([["user", "Still here"]]);
});

test("a passage is at most 64 KiB and ends with a whole character", () => {
  const pi = new ConversationLines();
  const [passage] = passages(Buffer.from(pi.assistant(`${"x".repeat(65_535)}🚀 and more`, "stop")), 0);
  expect(passage?.text).toBe("x".repeat(65_535));
});

test("of a message with 50 MB of images the text is found, and other such lines are passed over", () => {
  const pi = new ConversationLines();
  const image = { type: "image", data: "A".repeat(50 * MB), mimeType: "image/png" };
  expect(saidIn(pi.user("Look", [image]), pi.toolResult("x".repeat(50 * MB)), pi.user("Next"))).toEqual([
    ["user", "Look"],
    ["user", "Next"],
  ]);
});
