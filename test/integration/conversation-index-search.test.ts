import { appendFileSync } from "node:fs";
import { rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeConversation } from "../fixtures/pi/conversation-files.ts";
import { say, sessionsOf, startIndex, type IndexInWorld } from "../support/conversation-index.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { waitFor } from "../support/wait-for.ts";

let world: TemporaryWorld;
let running: IndexInWorld;

beforeEach(async () => {
  world = await createWorld();
});

afterEach(async () => {
  await running.index.close();
  await world.dispose();
});

/** A conversation whose file has this name, with what user and agent say in turns. */
async function conversation(name: string, texts: string[], age = 0): Promise<string> {
  const [text = "", ...others] = texts;
  const path = join(sessionsOf(world), "--work--", `${name}.jsonl`);
  await writeConversation(path, { id: `id-${name}`, cwd: world.work, text, age });
  for (const [at, other] of others.entries()) say(path, at % 2 === 0 ? "assistant" : "user", other);
  return path;
}

async function start(): Promise<void> {
  running = await startIndex(world);
  await running.untilSearchable();
}

/** Names of the files that are found, the best first. */
async function names(q: string, limit = 20): Promise<string[]> {
  const hits = await running.index.search({ q, limit });
  return hits.map(({ path }) => /([^/]+)\.jsonl$/.exec(path)?.[1] ?? path);
}

describe("what is found", () => {
  test("beginnings of words, in any message, without regard to case and diacritics", async () => {
    await conversation("one", ["Fix the Größe of the façade", "The tokenizer is renamed."]);
    await conversation("two", ["Something else", "tokens and more", "a Renaming"]);
    await start();
    expect(await names("grosse")).toEqual([]);
    expect(await names("GROSSE grö")).toEqual([]);
    expect(await names("größ FACADE")).toEqual(["one"]);
    expect(await names("token")).toHaveLength(2);
    expect(await names("token renam")).toHaveLength(2);
    expect(await names("tokeniz renam")).toEqual(["one"]);
    expect(await names("okeniz")).toEqual([]);
    expect(await names("tokens facade")).toEqual([]);
  });

  test("phrases", async () => {
    await conversation("one", ["the quick brown fox"]);
    await conversation("two", ["the brown quick foxes"]);
    await start();
    expect(await names('"quick brown"')).toEqual(["one"]);
    expect(await names('"quick fox"')).toEqual([]);
    expect(await names('"quick foxes" the')).toEqual(["two"]);
    expect(await names('"brown fo"')).toEqual([]);
  });

  test("any part of a text without spaces", async () => {
    await conversation("ja", ["設定ファイルを読み込むテスト"]);
    await conversation("zh", ["请修复搜索功能的错误"]);
    await conversation("ko", ["검색기능을 고쳐주세요"]);
    await conversation("th", ["แก้ไขการค้นหา"]);
    await start();
    expect(await names("ファイル")).toEqual(["ja"]);
    expect(await names("搜索 错误")).toEqual(["zh"]);
    expect(await names("기능")).toEqual(["ko"]);
    expect(await names("ค้นหา")).toEqual(["th"]);
    expect(await names("ルァ")).toEqual([]);
  });

  test("nothing by what is no word, and nothing that is typed is syntax", async () => {
    await conversation("one", ['fn(a) => NOT {b: *} AND c-d "e" title:x']);
    await start();
    for (const q of ["->", '""', "*", "(", '"']) expect(await names(q)).toEqual([]);
    for (const q of ["fn(a)", "NOT", "AND", "{b:", "c-d", '"e', "title:x", "a*", "NEAR", "-c"]) {
      expect({ q, names: await names(q) }).toEqual({ q, names: q === "NEAR" ? [] : ["one"] });
    }
  });

  test("what is said later, and not what is gone", async () => {
    const path = await conversation("one", ["the beginning"]);
    await conversation("two", ["another beginning"]);
    await start();
    say(path, "assistant", "zebras arrive");
    await waitFor("what was said", async () => (await names("zebra")).join() === "one");
    appendFileSync(path, `${JSON.stringify({ type: "session_info", id: "n", parentId: null, name: "Crocodiles" })}\n`);
    await waitFor("the name", async () => (await names("crocodile")).join() === "one");
    expect(await names("the beginning zebra crocodile")).toEqual(["one"]);
    await truncate(path, 0);
    await writeConversation(path, { id: "id-one", cwd: world.work, text: "written anew" });
    await waitFor("what was written anew", async () => (await names("written anew")).join() === "one");
    for (const q of ["zebra", "crocodile", '"the beginning"']) expect(await names(q)).toEqual([]);
    await rm(path);
    await waitFor("the removal", async () => (await names("written")).length === 0);
    expect(await names("beginning")).toEqual(["two"]);
  });
});

describe("what is shown", () => {
  test("titles first, then by how well it matches, and one hit a conversation", async () => {
    await conversation("said", ["hello", "The parser fails.", "again the parser", "parser parser parser"]);
    await conversation("titled", ["Parser fails", "I see."]);
    await conversation("apart", ["The parser", "x ".repeat(50_000), "fails"]);
    await start();
    expect(await names("parser fails")).toEqual(["titled", "said", "apart"]);
    expect(await names("parser fails", 2)).toEqual(["titled", "said"]);
  });

  test("the newer of equals first", async () => {
    for (const [name, age] of [
      ["old", 3_000],
      ["new", 1],
      ["middle", 200],
    ] as const) {
      await conversation(name, ["the very same words"], age);
    }
    await start();
    expect(await names("same words")).toEqual(["new", "middle", "old"]);
  });

  test("the passage with most of the words, who said it, and when", async () => {
    const path = await conversation("one", [
      "What about zebras?",
      "Zebras and \u001b[31mlions\u0007 live here.",
      "And lions?",
    ]);
    await start();
    const [hit] = await running.index.search({ q: "zebra lion", limit: 5 });
    expect(hit).toMatchObject({ path, where: "agent", snippet: "Zebras and lions live here." });
    expect(hit?.matches.map(([from, to]) => hit.snippet.slice(from, to))).toEqual(["Zebra", "lion"]);
    expect(Math.abs((hit?.at ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(await running.index.search({ q: "lion", limit: 5 })).toMatchObject([{ where: "agent" }]);
    expect(await running.index.search({ q: "and lions", limit: 5 })).toMatchObject([{ where: "agent" }]);
    expect(await names('"and lions" here')).toEqual(["one"]);
  });

  test("a name where it matches", async () => {
    const path = await conversation("one", ["first message"]);
    appendFileSync(
      path,
      `${JSON.stringify({ type: "session_info", id: "n", parentId: null, name: "Giraffe work" })}\n`,
    );
    await start();
    expect(await running.index.search({ q: "giraf", limit: 5 })).toMatchObject([
      { path, where: "title", snippet: "Giraffe work", matches: [[0, 5]] },
    ]);
    expect(await running.index.search({ q: "message", limit: 5 })).toMatchObject([{ where: "user" }]);
    expect(await running.index.search({ q: "giraffe message", limit: 5 })).toHaveLength(1);
  });

  test("nothing from a wrong place, when the file is another one by now", async () => {
    const path = await conversation("one", ["title", "a unicorn"]);
    await start();
    running.index.onChange(() => undefined);
    await rm(path);
    const hits = await running.index.search({ q: "unicorn", limit: 5 });
    for (const hit of hits) expect(hit).toMatchObject({ where: "title", snippet: "title", matches: [] });
  });
});
