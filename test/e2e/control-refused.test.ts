import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import { QuestionList } from "../../protocol/questions.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { requestJson, type Method } from "../../runtime/http-client.ts";
import { statePaths } from "../../runtime/paths.ts";
import { pisync } from "../support/pisync.ts";
import { waitFor } from "../support/wait-for.ts";
import { createScene } from "./pi-scene.ts";

const ASKING = join(import.meta.dirname, "..", "fixtures", "pi", "dialogs-extension.ts");

test("what is malformed, too large, unknown or of the wrong shape is refused with a code, and changes nothing", async () => {
  await using scene = await createScene();
  const { id } = await scene.startPi("-e", ASKING);
  const socket = statePaths(scene.world.env).daemonSocket;
  const refusal = (method: Method, path: string, body?: unknown) =>
    requestJson(socket, method, `/v1/sessions/${id}${path}`, { schema: z.unknown(), body }).then(
      (answer) => `accepted: ${JSON.stringify(answer)}`,
      (error: unknown) => (error instanceof PisyncError ? error.code : String(error)),
    );
  await scene.ok("send", "/ask confirm");
  const open = async () => QuestionList.parse(JSON.parse(await scene.ok("questions", "--json"))).questions;
  const question = (await waitFor("the question", async () => (await open())[0])).id;
  const answer = `/questions/${question}/answer`;
  const refused: [string, Method, string, unknown?][] = [
    ["not-found", "POST", "/dance", {}],
    ["not-found", "DELETE", "/questions", undefined],
    ["not-found", "GET", "/prompts/a/b", undefined],
    ["malformed", "POST", "/prompts", ["not an object"]],
    ["malformed", "POST", "/emit", { text: 7 }],
    ["malformed", "POST", "/emit", { text: "x".repeat(65 * 1024) }],
    ["too-large", "POST", "/emit", { data: { text: "x".repeat(3 * 1024 * 1024) } }],
    ["malformed", "GET", "/history?limit=many", undefined],
    ["malformed", "GET", "/prompts/x?wait=forever", undefined],
    ["no-such-prompt", "GET", "/prompts/%00", undefined],
    ["no-such-question", "POST", "/questions/q0-0-0/answer", { answer: true }],
    ["no-such-question", "POST", "/questions/q0-0-0/reject", {}],
    ["malformed", "POST", answer, {}],
    ["malformed", "POST", answer, { answer: "x".repeat(100_000) }],
    ["bad-answer", "POST", answer, { answer: "perhaps" }],
    ["bad-answer", "POST", answer, { answer: { deep: [] } }],
  ];
  for (const [code, method, path, body] of refused) {
    expect({ method, path, code: await refusal(method, path, body) }).toEqual({ method, path, code });
  }
  expect(await open()).toHaveLength(1);
  await scene.ok("answer", question, "yes");
  expect(await refusal("POST", answer, { answer: true })).toBe("question-answered");
  for (const args of [["dance"], ["history", "--limit", "many"], ["send"], ["wait", "--for", "tea"], ["answer", "q"]]) {
    const { exitCode, stdout } = await pisync(scene.world, args);
    expect({ args, exitCode, stdout }).toEqual({ args, exitCode: 2, stdout: "" });
  }
  const { stderr } = await pisync(scene.world, ["answer", "q0-0-0", "yes"]);
  expect(stderr).toContain(`pisync questions ${id}`);
  const tooLong = await pisync(scene.world, ["send", "-"], { input: "x".repeat(5 * 1024 * 1024) });
  expect(tooLong).toMatchObject({ exitCode: 1, stdout: "" });
  expect(tooLong.stderr).toContain("more than the 1048576 bytes of a prompt");
});
