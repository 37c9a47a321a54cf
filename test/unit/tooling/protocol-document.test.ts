import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { AGENT_PATH } from "../../../protocol/agent-channel.ts";
import { ErrorBody, ErrorCode } from "../../../protocol/errors.ts";
import { EventEnvelope } from "../../../protocol/events.ts";
import { VIEW_PATH } from "../../../protocol/view.ts";
import { httpStatus } from "../../../runtime/http-refusal.ts";
import { eventsOf, linesOf, readDocument, schemaOf, schemas, type Block } from "../../support/protocol-document.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const ENVELOPE = { v: 1, seq: 1, id: "k3x9abcd:1", at: 1, session: "k3x9abcd" };

let text: string;
let blocks: Block[];

beforeAll(async () => {
  ({ text, blocks } = await readDocument());
});

function examples(kind: string, word: string): Block[] {
  return blocks.filter((block) => block.kind === kind && block.words[0] === word);
}

/** All sources of some folders, as one text. */
async function sources(...folders: string[]): Promise<string> {
  const texts = folders.map(async (folder) => {
    const files = (await readdir(join(root, folder), { recursive: true })).filter((name) => name.endsWith(".ts"));
    return Promise.all(files.map((file) => readFile(join(root, folder, file), "utf8")));
  });
  return (await Promise.all(texts)).flat().join("\n");
}

/** Nothing in the example is unknown to its schema, and nothing is missing. */
function expectExact(schema: z.ZodType, value: unknown): void {
  expect(schema.parse(value)).toEqual(value);
}

describe("docs/protocol.md", () => {
  it("has no example that is not of its schema", async () => {
    const known = await schemas();
    const answers = blocks.filter(({ kind }) => kind === "json");
    expect(answers.length).toBeGreaterThan(30);
    for (const { words, text: example } of answers) {
      const [name = ""] = words;
      expect(known).toHaveProperty(name);
      expectExact(known[name] as z.ZodType, JSON.parse(example));
    }
    for (const block of blocks.filter(({ kind }) => kind === "sse")) {
      for (const { event, data } of eventsOf(block)) expectExact(schemaOf(block.words[0] ?? "", event), data);
    }
  });

  it("has every request that a router answers, with an example", async () => {
    const source = await sources("daemon", "host", "control");
    const routes = [...source.matchAll(/\.(get|post|delete)\(\s*"(\/v1[^"]*)"/g)].map(
      ([, method = "", path = ""]) => `${method.toUpperCase()} ${path.replace("/sessions/:session", "")}`,
    );
    const forwarded = [...source.matchAll(/\["(GET|POST|DELETE)", "(\/[^"]*)"\]/g)];
    expect(routes.length).toBeGreaterThan(35);
    expect(forwarded.length).toBeGreaterThan(10);
    for (const [, method = "", path = ""] of forwarded) routes.push(`${method} /v1${path}`);
    const asked = blocks.filter(({ kind }) => kind === "http").map((block) => block.text.split("\n")[0] ?? "");
    for (const route of routes) {
      expect(text).toContain(`\`${route}\``);
      const pattern = new RegExp(
        `^${route.replace(" /v1", " /v1(/sessions/\\w+)?").replace(/:\w+/g, "[\\w-]+")}(\\?|$)`,
      );
      expect(
        asked.filter((line) => pattern.test(line)),
        route,
      ).not.toEqual([]);
    }
    for (const path of [AGENT_PATH, VIEW_PATH]) expect(text).toContain(`\`GET ${path}\``);
  });

  it("has every event that is published, and no other, with an example", async () => {
    const source = await sources("adapters/agents/pi/extension", "control");
    const published = [...source.matchAll(/(?:#publish|#send|append)\("([a-z_]+)"/g)].map(([, name]) => name ?? "");
    const shown = examples("jsonl", "events").flatMap(linesOf) as { event: string; data: object }[];
    for (const example of shown) expectExact(EventEnvelope, { ...ENVELOPE, ...example });
    expect(shown.map(({ event }) => event).sort()).toEqual([...new Set(published)].sort());
    for (const { event } of shown) expect(text).toContain(`\`${event}\``);
  });

  it("has every refusal, with its status and an example", () => {
    const refusals = examples("jsonl", "ErrorBody").flatMap(linesOf);
    for (const refusal of refusals) expectExact(ErrorBody, refusal);
    const codes = refusals.map((refusal) => ErrorBody.parse(refusal).error.code);
    expect(codes.sort()).toEqual([...ErrorCode.options].sort());
    for (const code of ErrorCode.options) {
      // In the list item of its status.
      expect(text).toMatch(new RegExp(`^- ${httpStatus(code)}: (?:(?!^- )[^])*\`${code}\``, "m"));
    }
  });
});
