import { expect, test } from "vitest";
import { startScriptedModel } from "../../../../cli/demo/scripted-model.ts";
import { scriptReply } from "../../../../cli/demo/scripted-reply.ts";

const user = (content: unknown) => ({ role: "user", content });
const ask = (url: string, content: unknown) =>
  fetch(`${url}/chat/completions`, { method: "POST", body: JSON.stringify({ model: "m", messages: [user(content)] }) });

test.each([
  ["hello", 1, { kind: "text", pieces: ["Echo ", "reply ", "to: ", "hello"] }],
  ["bash: ls -l", 1, { kind: "tool", name: "bash", arguments: '{"command":"ls -l"}' }],
  ['tool:read {"path":"x"}', 1, { kind: "tool", name: "read", arguments: '{"path":"x"}' }],
  ["tool:ls", 1, { kind: "tool", name: "ls", arguments: "{}" }],
  ["slow:3", 1, { kind: "text", pieces: ["w0 ", "w1 ", "w2 "], intervalMs: 400 }],
  ["err400", 1, { kind: "refuse", status: 400 }],
  ["err401", 1, { kind: "refuse", status: 401 }],
  ["err429", 1, { kind: "refuse", status: 429 }],
  ["err500", 9, { kind: "refuse", status: 500 }],
  ["flaky:2", 2, { kind: "refuse", status: 500 }],
  ["flaky:2", 3, { kind: "text" }],
  ["midcut", 1, { kind: "cut" }],
  ["hang", 1, { kind: "hang" }],
  ["md", 1, { kind: "text" }],
])("%s, attempt %i", (prompt, attempt, reply) => {
  expect(scriptReply([user(prompt)], attempt)).toMatchObject(reply);
});

test("big is 3,000 words; after a tool and for a summary it only speaks", () => {
  const big = scriptReply([user("big")], 1);
  expect(big.kind === "text" && big.pieces.join("").trim().split(" ")).toHaveLength(3_000);
  expect(scriptReply([user("bash: ls"), { role: "tool", content: "a" }], 1)).toMatchObject({ kind: "text" });
  expect(scriptReply([user(`err500 ${"x".repeat(300)} summary`)], 1)).toMatchObject({ kind: "text" });
});

test("the server streams the reply and hands out its requests in order", async () => {
  const model = await startScriptedModel();
  const waiting = model.nextRequest();
  const streamed = await (await ask(model.url, [{ type: "text", text: "hello" }])).text();
  expect(streamed.match(/"content":"[^"]*"/g)?.join("")).toContain('"content":"Echo "');
  expect(streamed.endsWith("data: [DONE]\n\n")).toBe(true);
  expect(await waiting).toMatchObject({ number: 1, prompt: "hello", attempt: 1 });
  expect((await ask(model.url, "hello")).status).toBe(200);
  expect(await model.nextRequest()).toMatchObject({ number: 2, attempt: 2 });
  expect(model.requests).toHaveLength(2);
  await model.close();
});

test("it closes over a reply that hangs, and tells who waits for a request", async () => {
  const model = await startScriptedModel();
  const hanging = await ask(model.url, "hang");
  await model.nextRequest();
  const waiting = expect(model.nextRequest()).rejects.toThrow("closed");
  await model.close();
  await waiting;
  await expect(hanging.text()).rejects.toThrow();
});
