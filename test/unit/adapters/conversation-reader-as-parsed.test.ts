import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { emptyReading, read } from "../../../adapters/agents/pi/conversation-reader.ts";
import { writeConversations } from "../../fixtures/pi/conversation-generator.ts";
import { Dice } from "../../fixtures/pi/generated-text.ts";
import { parsedReading } from "../../fixtures/pi/parsed-reading.ts";
import { createWorld, type TemporaryWorld } from "../../support/temporary-world.ts";

const RECORDED = join(import.meta.dirname, "..", "..", "fixtures", "conversations");

let world: TemporaryWorld;
/** Of the generator, small ones among them and some of a megabyte. */
let generated: Buffer[];

beforeAll(async () => {
  world = await createWorld();
  const conversations = await writeConversations(join(world.agentDirectory, "sessions"), {
    count: 120,
    seed: 7,
    meanBytes: 40_000,
  });
  generated = await Promise.all(conversations.map(({ path }) => readFile(path)));
});

afterAll(() => world.dispose());

test("conversations of the real pi read as if every line were parsed", async () => {
  let files = 0;
  for await (const name of glob("*/*.jsonl", { cwd: RECORDED })) {
    const file = await readFile(join(RECORDED, name));
    expect(read(emptyReading(), file), name).toEqual(parsedReading(file));
    files += 1;
  }
  expect(files).toBeGreaterThan(20);
});

test("generated conversations read as if every line were parsed", () => {
  for (const file of generated) expect(read(emptyReading(), file)).toEqual(parsedReading(file));
});

test("lines of any shape read as if every line were parsed", () => {
  const dice = new Dice(11);
  for (const file of generated) {
    const changed = withOddLines(file, dice);
    expect(read(emptyReading(), changed)).toEqual(parsedReading(changed));
  }
});

test("however a file is divided, the reading is the same", () => {
  const dice = new Dice(13);
  for (const file of generated.map((whole) => withOddLines(whole, dice))) {
    let reading = emptyReading();
    for (let start = 0; start < file.length;) {
      const end = file.indexOf(10, Math.min(file.length - 1, start + dice.spread(3_000))) + 1 || file.length;
      reading = read(reading, file.subarray(start, end));
      start = end;
    }
    expect(reading).toEqual(read(emptyReading(), file));
  }
});

type Json = Record<string, unknown>;

/** The conversation with a part of its lines changed in ways that no pi writes, but that a file can hold. */
function withOddLines(file: Buffer, dice: Dice): Buffer {
  const lines = file.toString("utf8").trimEnd().split("\n");
  const changed = lines.map((line, index) => {
    if (index === 0 || dice.chance(0.6)) return Buffer.from(`${line}\n`);
    return Buffer.from(`${oddLine(JSON.parse(line) as Json, dice)}\n`, "latin1");
  });
  return Buffer.concat(changed);
}

/** As bytes in a latin1 string, so that it can hold what is no UTF-8. */
function oddLine(entry: Json, dice: Dice): string {
  const message = entry["message"] as Json | undefined;
  const text = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("latin1");
  const of = (changes: Json) => text({ ...entry, ...(message && { message: { ...message, ...changes } }) });
  return dice.of([
    () => text(shuffled(entry, dice)),
    () => text({ ...entry, ...(message && { message: shuffled(message, dice) }) }),
    () => of({ diagnostics: [{ stopReason: "aborted", role: "user" }], n: 1.5e300 }),
    () => of({ content: [{ type: "toolCall", arguments: { stopReason: "stop", isError: true, timestamp: 1 } }] }),
    () => of({ content: [{ type: "text", text: '"stopReason":"stop","timestamp":1}}' }, null, 7, { type: "text" }] }),
    () => of({ content: dice.of([null, "plain", 12, { text: "x" }]), stopReason: dice.of(["later", 3, null]) }),
    () => of({ timestamp: dice.of([0, -1, "soon", 4e15, null]), responseId: 'quoted " and \\ and é' }),
    () => of({ role: dice.of(["user", "system", "custom", "hookMessage", "toolResult", "assistant", "robot", 4]) }),
    () => of({ stopReason: dice.of(["error", "aborted", "length", "toolUse"]), errorMessage: "x".repeat(3_000) }),
    () => text({ ...entry, extra: { role: "user", list: [1, 2] } }),
    () => text({ ...entry, timestamp: dice.of(["2199-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000Z", 1.7e12, "x"]) }),
    () => text({ ...entry, timestamp: undefined, id: dice.of([undefined, 7, 'a"b', "x".repeat(400)]) }),
    () => text({ ...entry, type: dice.of(["future", "custom", "session", "compaction", "label", 5, undefined]) }),
    () =>
      text({
        ...entry,
        type: "context_edit",
        targetId: entry["parentId"],
        replacement: dice.of([null, undefined, {}]),
      }),
    () =>
      text({ ...entry, type: "session_info", name: dice.of(["", "  Named  ", "日本", 4, null, "n".repeat(2_000)]) }),
    () => text(message ?? 1),
    () => text(dice.of([null, 0, 5, "text", [], [entry], {}, true])),
    () => `${text(entry)}${dice.of(["\r", " ", "\t\r", "}", "x"])}`,
    () => dice.of(["", " ", "\r", "\0", "\0".repeat(300), "\xff\xfe\x80", "\xef\xbb\xbf", "{", '{"type":"message"']),
    () => `\xef\xbb\xbf${text(entry)}`,
    () => text(entry).slice(0, dice.between(1, 300)),
    () => of({ content: "here" }).replace("here", '\xff\xc3("\\ud800'.replace('"', '\\"')),
  ])();
}

function shuffled(value: Json, dice: Dice): Json {
  const entries = Object.entries(value).map((entry) => ({ entry, place: dice.next() }));
  return Object.fromEntries(entries.toSorted((a, b) => a.place - b.place).map(({ entry }) => entry));
}
