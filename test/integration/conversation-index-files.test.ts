import { execFileSync } from "node:child_process";
import { open, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeConversation } from "../fixtures/pi/conversation-files.ts";
import { messageLine, say, sessionsOf, startIndex } from "../support/conversation-index.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { waitFor } from "../support/wait-for.ts";

const MB = 1024 * 1024;

function fileIn(world: TemporaryWorld, name: string): string {
  return join(sessionsOf(world), "--work--", `${name}.jsonl`);
}

function conversation(world: TemporaryWorld, text: string): Promise<string> {
  return writeConversation(fileIn(world, text), { id: `id-${text}`, cwd: world.work, text });
}

describe("what else may have a conversation's name", () => {
  test("pipes, sockets and folders are skipped without waiting, also when they come later", async () => {
    await using world = await createWorld();
    await conversation(world, "real");
    execFileSync("mkfifo", [fileIn(world, "pipe")]);
    await mkdir(fileIn(world, "folder"));
    const server = createServer().listen(fileIn(world, "socket"));
    await using running = await startIndex(world);
    await running.index.whenScanned();
    expect(running.titles).toEqual(["real"]);
    execFileSync("mkfifo", [fileIn(world, "another-pipe")]);
    const later = await conversation(world, "written later");
    await running.until("a conversation beside them", later, () => true);
    expect(running.index.state().troubles).toEqual([]);
    server.close();
  });

  test("empty files and files that hold no conversation are none, however long; they may become one", async () => {
    await using world = await createWorld();
    await conversation(world, "real");
    await writeFile(fileIn(world, "empty"), "");
    await writeFile(fileIn(world, "data"), '{"some":"data"}\n'.repeat(500_000));
    await writeFile(fileIn(world, "binary"), Buffer.alloc(3 * MB));
    await writeFile(fileIn(world, "headerless"), messageLine("user", "no header"));
    await using running = await startIndex(world);
    await running.index.whenScanned();
    expect(running.titles).toEqual(["real"]);
    expect(running.index.state()).toMatchObject({ conversations: 1, scanned: 5, found: 5 });
    await writeConversation(fileIn(world, "empty"), { id: "e", cwd: world.work, text: "no longer empty" });
    await running.until("the former empty file", fileIn(world, "empty"), () => true);
    await writeConversation(fileIn(world, "data"), { id: "d", cwd: world.work, text: "no longer data" });
    await running.until("the former data", fileIn(world, "data"), () => true);
  });
});

describe("what a conversation may hold", () => {
  test("a line of 50 MB, written at once or piece by piece, and what follows it", async () => {
    await using world = await createWorld();
    const path = await conversation(world, "huge");
    const line = Buffer.from(messageLine("assistant", "x".repeat(50 * MB)));
    const file = await open(path, "a");
    await file.write(line);
    await file.close();
    say(path, "user", "after the huge line");
    await using running = await startIndex(world);
    await running.index.whenScanned();
    expect(running.index.get(path)?.reading).toMatchObject({ firstMessage: "huge", tip: { entry: "user" } });
    const grown = await open(path, "a");
    for (let at = 0; at < line.length; at += MB) await grown.write(line.subarray(at, at + MB));
    await grown.close();
    say(path, "assistant", "and after another");
    // The second huge line ends like what follows it.
    await running.until("what follows", path, ({ reading }) => reading.messages === 5);
    expect(running.index.get(path)?.reading.tip.entry).toBe("stopped");
    const { size } = running.index.get(path) ?? {};
    expect(size).toBe((await readFile(path)).length);
    await running.untilSearchable();
    expect(await running.index.search({ q: '"after the huge line"', limit: 9 })).toHaveLength(1);
  });

  test("NULs, invalid UTF-8, CRLF, values of other kinds and versions to come", async () => {
    await using world = await createWorld();
    const path = await conversation(world, "odd");
    const odd = [
      Buffer.alloc(5_000),
      Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80]),
      Buffer.from(
        'null\r\n42\r\n"text"\r\n[]\r\n{}\r\n\r\n\n{"type":7}\n{"type":"message"}\n{"type":"message","message":1}',
      ),
      Buffer.from('{"type":"from the future","id":"0","payload":{"deep":[[[[]]]]}}'),
      Buffer.from('{"type":"session","version":99,"id":"another"}'),
    ];
    const file = await open(path, "a");
    for (const bytes of odd) await file.write(Buffer.concat([bytes, Buffer.from("\n")]));
    await file.write(Buffer.from(messageLine("assistant", "still here").replace("\n", "\r\n")));
    await file.close();
    await using running = await startIndex(world);
    await running.untilSearchable();
    expect(running.index.get(path)?.reading).toMatchObject({
      header: { id: "id-odd" },
      messages: 2,
      tip: { entry: "stopped" },
    });
    expect(await running.index.search({ q: "still here", limit: 9 })).toMatchObject([{ path, where: "agent" }]);
  });
});

test("what was said last", async () => {
  await using world = await createWorld();
  const path = await conversation(world, "recent");
  const output = {
    role: "toolResult",
    toolCallId: "1",
    toolName: "x",
    content: [{ type: "text", text: "o".repeat(MB) }],
  };
  const result = `${JSON.stringify({ type: "message", id: "aa", parentId: null, timestamp: new Date(), message: output })}\n`;
  say(path, "assistant", "the last but one: \u001b[31mgrün");
  await writeFile(path, result, { flag: "a" });
  say(path, "user", "the very last");
  await using running = await startIndex(world);
  await running.index.whenScanned();
  expect(await running.index.recentText(path, 1_000)).toBe("recent\nthe last but one: grün\nthe very last");
  expect(await running.index.recentText(path, 17)).toBe("ün\nthe very last");
  expect(await running.index.recentText(path, 16)).toBe("n\nthe very last");
  expect(await running.index.recentText(join(path, "nowhere"), 1_000)).toBe("");
});

test("ten thousand conversations", async () => {
  await using world = await createWorld();
  await using running = await startIndex(world);
  for (let number = 0; number < 10_000; number += 1) {
    const path = join(sessionsOf(world), `--work-${number % 40}--`, `${number}.jsonl`);
    await writeConversation(path, { id: `id-${number}`, cwd: world.work, text: `number ${number}` });
  }
  await waitFor("all of them", () => running.index.state().conversations === 10_000, { deadlineMs: 50_000 });
  await running.untilSearchable();
  expect(running.index.byId("id-7777")).toHaveLength(1);
  expect((await running.index.search({ q: '"number 7777"', limit: 5 })).map((hit) => hit.snippet)).toEqual([
    "number 7777",
  ]);
  expect(await running.index.search({ q: "number", limit: 100 })).toHaveLength(100);
});
