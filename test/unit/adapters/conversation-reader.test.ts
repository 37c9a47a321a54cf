import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SessionManager } from "@earendil-works/pi-coding-agent";
import { expect, test } from "vitest";
import { ConversationReading } from "../../../adapters/agents/conversation-adapter.ts";
import { emptyReading, read } from "../../../adapters/agents/pi/conversation-reader.ts";
import { ConversationLines } from "../../fixtures/pi/conversation-lines.ts";
import { createWorld } from "../../support/temporary-world.ts";

const MB = 1024 * 1024;

function readingOf(...lines: (string | Buffer)[]): ConversationReading {
  const reading = read(emptyReading(), Buffer.concat(lines.map((line) => Buffer.from(line))));
  // Whatever was read fits the index.
  return ConversationReading.parse(reading);
}

test("reads header, name, first message, messages, last activity and tip", () => {
  const pi = new ConversationLines();
  const reading = readingOf(
    pi.header({ parentSession: "/sessions/other.jsonl" }),
    pi.entry("model_change", { provider: "p", modelId: "m" }),
    pi.user("  Fix the tests\n", [{ type: "image", data: "AAAA", mimeType: "image/png" }]),
    pi.assistant("Running them.", "toolUse"),
    pi.toolResult("ok"),
    pi.entry("session_info", { name: " Tests " }),
    pi.user("Thanks"),
    pi.assistant("Done.", "stop", { responseId: "r1" }),
    pi.entry("label", { targetId: "00000002", label: "here" }),
  );
  expect(reading).toEqual({
    header: { id: "conversation-1", cwd: "/work", createdAt: ConversationLines.START, parent: "/sessions/other.jsonl" },
    name: "Tests",
    firstMessage: "Fix the tests",
    messages: 4,
    lastActivity: pi.at - 5_000,
    tip: reading.tip,
    strangeLines: 0,
  });
  expect(reading.tip).toMatchObject({ entry: "stopped", at: pi.at - 5_000, entryId: "00000007", errors: 0 });
});

test("an error and its retry reach the tip", () => {
  const pi = new ConversationLines();
  const failed = [pi.header(), pi.user("Go"), pi.assistant("", "error", { errorMessage: '503: "overloaded"' })];
  expect(readingOf(...failed).tip).toMatchObject({ entry: "error", error: '503: "overloaded"', retried: false });
  const edit = pi.entry("context_edit", { targetId: pi.lastId, replacement: null });
  expect(readingOf(...failed, edit).tip).toMatchObject({ entry: "error", retried: true, marksRetries: true });
});

test("a new name replaces the old, an empty one takes it away", () => {
  const pi = new ConversationLines();
  const renamed = [pi.header(), pi.entry("session_info", { name: "a" }), pi.entry("session_info", { name: "b" })];
  expect(readingOf(...renamed).name).toBe("b");
  expect(readingOf(...renamed, pi.entry("session_info", { name: " " })).name).toBeUndefined();
});

test("the first message is the first that has text", () => {
  const pi = new ConversationLines();
  expect(readingOf(pi.header(), pi.user(" "), pi.user("Text"), pi.user("More")).firstMessage).toBe("Text");
});

test("text is cut to its bounds, never inside a character", () => {
  const pi = new ConversationLines();
  const long = `${"x".repeat(999)}🚀`;
  const reading = readingOf(pi.header(), pi.user(long), pi.entry("session_info", { name: long }));
  expect([reading.firstMessage, reading.name]).toEqual(["x".repeat(999), "x".repeat(999)]);
  const error = `${"e".repeat(1_999)}🚀`;
  expect(readingOf(pi.header(), pi.assistant("", "error", { errorMessage: error })).tip.error).toBe("e".repeat(1_999));
});

test("a header's path is left out rather than cut, and an id that is none makes it no header", () => {
  const pi = new ConversationLines();
  const long = `/${"x".repeat(5_000)}`;
  expect(readingOf(pi.header({ cwd: long, parentSession: long })).header).toEqual({
    id: "conversation-1",
    createdAt: ConversationLines.START,
  });
  expect(readingOf(pi.header({ cwd: "", timestamp: undefined })).header).toEqual({
    id: "conversation-1",
    createdAt: 0,
  });
  for (const id of ["", 7, undefined, "x".repeat(257)]) expect(readingOf(pi.header({ id })).foreign).toBe(true);
});

test.each(["{}\n", "5\n", "[]\n", '"text"\n', '{"type":"message"}\n'])(
  "a file that begins with %j is no conversation, whatever follows",
  (first) => {
    const pi = new ConversationLines();
    const rest = pi.header() + pi.user("Hello");
    expect(readingOf(first, rest)).toEqual({ ...emptyReading(), foreign: true });
    expect(read(readingOf(first), Buffer.from(rest))).toEqual({ ...emptyReading(), foreign: true });
  },
);

test("before the header pi skips what it cannot parse, and so do we", () => {
  const pi = new ConversationLines();
  const reading = readingOf("\n", "{broken\n", "\0\0\0\n", "null\n", "\ufeff{}\n", pi.header(), pi.user("Hello"));
  expect(reading).toMatchObject({ header: { id: "conversation-1" }, firstMessage: "Hello", strangeLines: 4 });
});

test("of two headers the first counts", () => {
  const pi = new ConversationLines();
  const reading = readingOf(pi.header(), pi.header({ id: "second", cwd: "/elsewhere" }), pi.user("Hello"));
  expect(reading).toMatchObject({ header: { id: "conversation-1", cwd: "/work" }, messages: 1, strangeLines: 0 });
});

test("an empty file and one that is not finished say nothing yet", () => {
  expect(readingOf("")).toEqual(emptyReading());
  expect(readingOf("\n\r\n \n")).toEqual(emptyReading());
});

test("entries of the future and of a future version change nothing else", () => {
  const pi = new ConversationLines();
  const reading = readingOf(
    pi.header({ version: 99, more: {} }),
    pi.user("Hello"),
    pi.assistant("Hi", "stop"),
    pi.entry("telepathy", { message: { role: "user", content: "thought" } }),
    pi.entry("message", { message: { role: "robot", content: [] } }),
  );
  expect(reading).toMatchObject({ messages: 2, tip: { entry: "stopped" }, strangeLines: 0 });
});

test("a conversation of pi's first format, without ids, is read", () => {
  const timestamp = "2025-03-01T10:00:00.000Z";
  const message = (role: string, more: object) =>
    `${JSON.stringify({ type: "message", timestamp, message: { role, ...more } })}\n`;
  const reading = readingOf(
    `${JSON.stringify({ type: "session", id: "old", timestamp, cwd: "/work", provider: "x", modelId: "y" })}\n`,
    message("user", { content: "Hello" }),
    message("assistant", { content: [], stopReason: "stop" }),
  );
  expect(reading).toMatchObject({
    header: { id: "old" },
    firstMessage: "Hello",
    messages: 2,
    tip: { entry: "stopped" },
  });
});

test("CRLF, blank lines, NULs, broken lines and what is no entry disturb nothing", () => {
  const pi = new ConversationLines();
  const reading = readingOf(
    pi.header().replace("\n", "\r\n"),
    "\r\n  \n",
    Buffer.alloc(5_000),
    "\n",
    pi.user("Hel\0lo").replace("\\u0000", "\0"),
    Buffer.from([0x22, 0xff, 0xfe, 0x0a]),
    "null\nfalse\n[1]\n7\n",
    `${"[".repeat(100_000)}\n`,
    '{"__proto__":{"type":"message"},"type":"message"}\n',
    pi.user("Hello").replace("\n", "\r\n"),
    pi.assistant("Hi", "stop").replace("\n", "\r\n"),
  );
  expect(reading).toMatchObject({ firstMessage: "Hello", messages: 2, tip: { entry: "stopped" }, strangeLines: 9 });
});

test("invalid UTF-8 is replaced", () => {
  const pi = new ConversationLines();
  const [before, after] = pi.user("Hel|lo").split("|") as [string, string];
  expect(readingOf(pi.header(), before, Buffer.from([0xc3, 0xff]), after).firstMessage).toBe("Hel��lo");
});

test("two lines run into one by a crash do not pass for the first of them", () => {
  const pi = new ConversationLines();
  const start = [pi.header(), pi.user("Go"), pi.assistant("Running.", "toolUse")];
  const torn = pi.toolResult("output".repeat(100)).slice(0, 400) + pi.assistant("Done.", "stop");
  const reading = readingOf(...start, torn);
  expect(reading).toMatchObject({ messages: 2, tip: { entry: "tool-use" }, strangeLines: 1 });
});

test("lines of 50 MB are told by their ends, and the first message is still found", () => {
  const pi = new ConversationLines();
  const image = { type: "image", data: "A".repeat(50 * MB), mimeType: "image/png" };
  const reading = readingOf(pi.header(), pi.user('Look: "this" \\ 🚀', [image]), pi.toolResult("x".repeat(50 * MB)));
  expect(reading).toMatchObject({ firstMessage: 'Look: "this" \\ 🚀', messages: 1, tip: { entry: "tool-result" } });
  const spoken = pi.assistant("y".repeat(50 * MB), "stop");
  expect(read(reading, Buffer.from(spoken)).tip.entry).toBe("stopped");
  const unknown = Buffer.from(`${"z".repeat(50 * MB)}\n`);
  expect(read(reading, unknown)).toMatchObject({ messages: 1, strangeLines: 1 });
});

test("a first message that is 50 MB of text is taken from its beginning", () => {
  const pi = new ConversationLines();
  const reading = readingOf(pi.header(), pi.user("long ".repeat(10 * MB)));
  expect(reading.firstMessage).toBe("long ".repeat(200));
});

test("the last activity is that of the last entry, so a clock that jumped is forgotten", () => {
  const pi = new ConversationLines();
  const ahead = pi.user("Hello").replace('"2026-', '"2031-');
  const before = [pi.header(), ahead];
  expect(new Date(readingOf(...before).lastActivity ?? 0).getUTCFullYear()).toBe(2031);
  const after = readingOf(...before, pi.assistant("Hi", "stop"));
  expect(after.lastActivity).toBe(pi.at);
});

test("dates that no clock shows count as none", () => {
  const at = ConversationLines.START;
  for (const timestamp of ["0000-00-00T00:00:00.000Z", "+275760-09-13T00:00:00.000Z", "yesterday", -5, 9e15, null]) {
    const pi = new ConversationLines();
    const reading = readingOf(pi.header(), pi.entry("message", { timestamp, message: { role: "user", content: "x" } }));
    expect(reading, String(timestamp)).toMatchObject({ messages: 1, tip: { entry: "user", at } });
    expect(reading.lastActivity, String(timestamp)).toBeUndefined();
  }
});

test("forks of the real pi name the conversation they come from", async () => {
  await using world = await createWorld();
  const directory = join(world.work, "sessions");
  const original = SessionManager.create("/original", directory);
  original.appendMessage({ role: "user", content: [{ type: "text", text: "Hello" }], timestamp: 1 });
  const usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, totalTokens: 0 };
  const cost = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, total: 0 };
  const last = original.appendMessage({
    role: "assistant",
    content: [{ type: "text", text: "Hi" }],
    api: "openai-completions",
    provider: "scripted",
    model: "scripted",
    usage: { ...usage, cost },
    stopReason: "stop",
    timestamp: 2,
  });
  const path = original.getSessionFile() ?? "";
  const elsewhere = SessionManager.forkFrom(path, "/elsewhere", directory);
  const here = original.createBranchedSession(last) ?? "";
  for (const [fork, cwd] of [
    [elsewhere.getSessionFile() ?? "", "/elsewhere"],
    [here, "/original"],
  ] as const) {
    const reading = readingOf(await readFile(fork));
    expect(reading.header).toMatchObject({ parent: path, cwd });
    expect(reading).toMatchObject({ firstMessage: "Hello", messages: 2, tip: { entry: "stopped" } });
  }
});
