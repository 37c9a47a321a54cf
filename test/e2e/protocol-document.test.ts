import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import { EventEnvelope } from "../../protocol/events.ts";
import { QuestionList } from "../../protocol/questions.ts";
import { SessionSummary } from "../../protocol/session.ts";
import { openEventStream, type ServerEvent } from "../../runtime/event-stream.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { requestJson, type Method } from "../../runtime/http-client.ts";
import { statePaths } from "../../runtime/paths.ts";
import { eventsOf, linesOf, readDocument, schemaOf, schemas, type Block } from "../support/protocol-document.ts";
import { waitFor } from "../support/wait-for.ts";
import { createScene, type Scene } from "./pi-scene.ts";

const EXAMPLE = join(import.meta.dirname, "..", "..", "docs", "examples", "release-extension.js");
const QUESTION = "q4711-mi5xk2-1";

interface Request {
  method: Method;
  path: string;
  body: unknown;
  onHost: boolean;
  isStream: boolean;
  /** What is said to be answered; absent for an empty answer. */
  answer: Block | undefined;
}

function requestsOf(blocks: Block[]): Request[] {
  return blocks.flatMap(({ kind, words, text }, index) => {
    if (kind !== "http") return [];
    const [head = "", ...rest] = text.split("\n");
    const [method, path = ""] = head.split(" ");
    const body = rest.join("\n").trim();
    const next = blocks[index + 1];
    const answer = next?.kind === "json" || next?.kind === "sse" ? next : undefined;
    return {
      ...{ method: method as Method, path, body: body === "" ? undefined : (JSON.parse(body) as unknown), answer },
      ...{ onHost: words.includes("host"), isStream: words.includes("stream") },
    };
  });
}

/** What has to come last, wherever it stands in the document. */
const LAST = [/sessions\/\w+\/kill/, /\/dismiss/, /\/resume/, /^host/, /^host POST \/v1\/kill/, /daemon\/stop/];

/** The launch is the first. */
function placeOf({ method, path, onHost }: Request): number {
  if (path === "/v1/launch") return 0;
  return 2 + LAST.findLastIndex((pattern) => pattern.test(`${onHost ? "host " : ""}${method} ${path}`));
}

/** Makes the document's requests, on a daemon and a session of the scene's. */
class Reader {
  readonly #scene: Scene;
  readonly #daemon: string;
  readonly #schemas: Record<string, z.ZodType>;

  constructor(scene: Scene, known: Record<string, z.ZodType>) {
    this.#scene = scene;
    this.#daemon = statePaths(scene.world.env).daemonSocket;
    this.#schemas = known;
  }

  async make(request: Request): Promise<void> {
    const socket = request.onHost ? await this.#host() : this.#daemon;
    const path = await this.#ours(request.path);
    if (request.isStream) return this.#stream(socket, path, request.answer);
    const body = this.#withEnvironment(JSON.parse(await this.#ours(JSON.stringify(request.body ?? {}))) as object);
    const [name = ""] = request.answer?.words ?? [];
    const schema = request.answer ? (this.#schemas[name] ?? z.never()) : z.undefined();
    const options = { schema, ...(request.method === "POST" ? { body } : {}), timeoutMs: 40_000 };
    const answer = await requestJson(socket, request.method, path, options).catch((error: unknown) => error);
    if (name !== "ErrorBody") {
      expect(answer, `${request.method} ${path}`).not.toBeInstanceOf(Error);
      return;
    }
    const { error } = z.object({ error: z.object({ code: z.string() }) }).parse(JSON.parse(request.answer?.text ?? ""));
    expect(answer, `${request.method} ${path}`).toMatchObject({ code: error.code });
    expect(answer).toBeInstanceOf(PisyncError);
  }

  /** A snapshot comes at once; other events come when they happen. */
  async #stream(socket: string, path: string, answer: Block | undefined): Promise<void> {
    const seen: ServerEvent[] = [];
    const stream = await openEventStream(socket, path, { onEvent: (event) => seen.push(event) });
    const [kind = ""] = answer?.words ?? [];
    const first = answer && eventsOf(answer)[0]?.event;
    if (first !== "show") {
      const { event = "", data } = await waitFor(`the first event of ${path}`, () => seen[0]);
      expect(event).toBe(first);
      schemaOf(kind, event).parse(JSON.parse(data));
    }
    stream.close();
    await stream.ended;
  }

  async #host(): Promise<string> {
    const found = await requestJson(this.#daemon, "GET", "/v1/target?kind=live", { schema: SessionSummary });
    return found.socket ?? "";
  }

  /** With the ids and directories of this scene instead of the document's. */
  async #ours(text: string): Promise<string> {
    const { work, home } = this.#scene.world;
    const replaced = text.replaceAll("/home/ada/blog", work).replaceAll("/home/ada", home);
    return replaced.includes(QUESTION) ? replaced.replaceAll(QUESTION, await this.#question()) : replaced;
  }

  #asked: string | undefined;

  async #question(): Promise<string> {
    this.#asked ??= await waitFor("the question", async () => {
      const path = "/v1/sessions/k3x9abcd/questions";
      return (await requestJson(this.#daemon, "GET", path, { schema: QuestionList })).questions[0]?.id;
    });
    return this.#asked;
  }

  #withEnvironment(body: object): object {
    return "env" in body ? { ...body, env: this.#scene.world.env } : body;
  }
}

test("every request in docs/protocol.md is answered as it says", async () => {
  await using scene = await createScene();
  await copyFile(EXAMPLE, join(scene.world.work, "release-extension.js"));
  await scene.ok("daemon", "start");
  const { blocks } = await readDocument();
  const reader = new Reader(scene, await schemas());
  const requests = requestsOf(blocks).sort((left, right) => placeOf(left) - placeOf(right));
  expect(requests.length).toBeGreaterThan(35);
  for (const request of requests) {
    await reader.make(request);
    if (request.path === "/v1/launch") await scene.live(({ attribution }) => attribution?.evidence === "extension");
  }
});

/** What `data` has besides what the document tells of. */
function untold(told: ReadonlyMap<string, string>, { event, data }: EventEnvelope): string[] {
  const words = told.get(event);
  if (words === undefined) return [event];
  if (/as pi's|another extension|opened the question/.test(words)) return [];
  return Object.keys(data)
    .filter((field) => !words.includes(`\`${field}\``))
    .map((field) => `${event}.${field}`);
}

test("the events of a real session carry what docs/protocol.md says, and nothing else", async () => {
  await using scene = await createScene();
  const { text, blocks } = await readDocument();
  const examples = blocks.filter(({ kind, words }) => kind === "jsonl" && words[0] === "events").flatMap(linesOf);
  expect(examples.length).toBeGreaterThan(30);
  const told = new Map<string, string>();
  for (const [, names = "", words = ""] of text.matchAll(/^\| (`\w+`(?:, `[\w…]+`)*) +\| (.*) \|$/gm)) {
    for (const [, name = ""] of names.matchAll(/`(\w+)`/g)) told.set(name, words);
  }
  const { id } = await scene.startPi("-e", EXAMPLE);
  await scene.ok("send", id, "--wait", "bash: echo from-a-tool");
  await scene.ok("send", id, "!echo hello");
  await scene.ok("emit", id, "tests are green");
  await scene.ok("send", id, "--wait", "flaky:1");
  await scene.ok("rename", id, "A name");
  const { events } = z
    .object({ events: z.array(EventEnvelope) })
    .parse(JSON.parse(await scene.ok("history", id, "--json")));
  expect(new Set(events.map(({ event }) => event)).size).toBeGreaterThan(15);
  expect(events.flatMap((event) => untold(told, event))).toEqual([]);
});
