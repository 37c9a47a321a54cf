import { once } from "node:events";
import { lstat, stat, symlink, writeFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as z from "zod";
import { PisyncError } from "../../../runtime/failure.ts";
import { requestJson } from "../../../runtime/http-client.ts";
import { createRouter, type Router } from "../../../runtime/http-router.ts";
import { listenUnix, type ListenOptions, type UnixServer } from "../../../runtime/http-server.ts";
import { createWorld, type TemporaryWorld } from "../../support/temporary-world.ts";

let world: TemporaryWorld;
let socketPath: string;
let server: UnixServer | undefined;

beforeEach(async () => {
  world = await createWorld();
  socketPath = join(world.work, "x.sock");
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await world.dispose();
});

function routes(): Router {
  return createRouter()
    .get("/greeting/:name", ({ params, query }) => ({ params, query }))
    .post("/echo", ({ body }) => body(z.object({ text: z.string().default("nothing") })))
    .post("/accept", () => undefined)
    .get("/refuse", () => {
      throw new PisyncError("ambiguous-target", "Which one?", { next: "Say it.", facts: { candidates: ["a"] } });
    })
    .get("/broken", () => {
      throw new Error("a secret detail");
    })
    .get("/silent", () => new Promise(() => undefined));
}

async function listen(options?: ListenOptions): Promise<void> {
  server = await listenUnix(routes(), socketPath, options);
}

const anything = { schema: z.unknown() };

/** Sends raw bytes and returns all that comes back until the other side closes. */
async function exchange(bytes: string | Buffer): Promise<string> {
  const socket = connect(socketPath);
  socket.on("error", () => undefined);
  socket.write(bytes);
  return answerOn(socket);
}

async function answerOn(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await new Promise((resolve) => socket.once("close", resolve));
  return text;
}

test("a request that expects what the other side is not is acted on by nobody", async () => {
  const accept = { ...anything, expect: "pisync=1.0.0" };
  await listen();
  await expect(requestJson(socketPath, "POST", "/accept", accept)).rejects.toMatchObject({
    code: "daemon-unreachable",
    next: "Replace it with: pisync daemon restart",
  });
  await server?.close();
  await listen({ meets: (expectation) => expectation === "pisync=1.0.0" });
  const echo = { ...accept, body: { text: "x".repeat(500_000) } };
  expect(await requestJson(socketPath, "POST", "/echo", echo)).toEqual(echo.body);
  const other = requestJson(socketPath, "POST", "/echo", { ...echo, expect: "pisync=2.0.0" });
  await expect(other).rejects.toMatchObject({ code: "daemon-unreachable" });
});

test("the socket is closed to others and gone after close", async () => {
  await listen();
  expect((await stat(socketPath)).mode & 0o777).toBe(0o600);
  await server?.close();
  await expect(lstat(socketPath)).rejects.toThrow("ENOENT");
  server = undefined;
});

test("answers with path, query and body", async () => {
  await listen();
  expect(await requestJson(socketPath, "GET", "/greeting/you?a=1&b=%20x", anything)).toEqual({
    params: { name: "you" },
    query: { a: "1", b: " x" },
  });
  expect(await requestJson(socketPath, "POST", "/echo", { ...anything, body: { text: "é" } })).toEqual({ text: "é" });
  expect(await requestJson(socketPath, "POST", "/echo", anything)).toEqual({ text: "nothing" });
  expect(await requestJson(socketPath, "POST", "/accept", anything)).toBeUndefined();
});

test("a refusal arrives as it was thrown", async () => {
  await listen();
  const refused = requestJson(socketPath, "GET", "/refuse", anything);
  await expect(refused).rejects.toBeInstanceOf(PisyncError);
  await expect(refused).rejects.toMatchObject({
    code: "ambiguous-target",
    message: "Which one?",
    next: "Say it.",
    facts: { candidates: ["a"] },
  });
});

test("a failure of ours tells the client no more than that, and the owner everything", async () => {
  const failures: unknown[] = [];
  await listen({ onError: (error) => failures.push(error) });
  const error = await requestJson(socketPath, "GET", "/broken", anything).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "internal" });
  expect(JSON.stringify(error)).not.toContain("secret");
  expect(failures).toMatchObject([{ message: "a secret detail" }]);
});

test.each([
  ["an unknown path", "GET", "/nothing", undefined, "not-found"],
  ["the wrong method", "POST", "/refuse", undefined, "not-found"],
  ["a longer path", "GET", "/greeting/a/b", undefined, "not-found"],
  ["a body of the wrong shape", "POST", "/echo", { text: 1 }, "malformed"],
] as const)("%s is refused", async (_, method, path, body, code) => {
  await listen();
  await expect(requestJson(socketPath, method, path, { ...anything, body })).rejects.toMatchObject({ code });
});

test("nobody listening, a refused and a stale socket are told apart from an answer", async () => {
  const reach = () => requestJson(socketPath, "GET", "/", { ...anything, unreachable: "host-unreachable" });
  await expect(reach()).rejects.toMatchObject({ code: "host-unreachable" });
  await makeStaleSocket();
  await expect(reach()).rejects.toMatchObject({ code: "host-unreachable" });
  await expect(requestJson(socketPath, "GET", "/", anything)).rejects.toMatchObject({ code: "daemon-unreachable" });
});

test("an answer that does not come is timed out, and a caller may give up", async () => {
  await listen();
  const timed = requestJson(socketPath, "GET", "/silent", { ...anything, timeoutMs: 50 });
  await expect(timed).rejects.toMatchObject({ code: "timed-out" });
  const giveUp = new AbortController();
  const given = requestJson(socketPath, "GET", "/silent", { ...anything, signal: giveUp.signal });
  giveUp.abort();
  await expect(given).rejects.toMatchObject({ name: "AbortError" });
});

test("an answer of another shape is malformed", async () => {
  await listen();
  const schema = z.object({ params: z.number() });
  await expect(requestJson(socketPath, "GET", "/greeting/x", { schema })).rejects.toMatchObject({ code: "malformed" });
});

async function makeStaleSocket(): Promise<void> {
  const holder = createServer().listen(socketPath);
  await once(holder, "listening");
  // A process that was killed leaves its socket behind; a renamed one is not removed on close.
  const { rename } = await import("node:fs/promises");
  await rename(socketPath, `${socketPath}.kept`);
  await new Promise((resolve) => holder.close(resolve));
  await rename(`${socketPath}.kept`, socketPath);
}

test("a stale socket is replaced; a live one and anything else in its place are not", async () => {
  await makeStaleSocket();
  await listen();
  await expect(listenUnix(routes(), socketPath)).rejects.toMatchObject({ code: "already-live" });
  expect(await requestJson(socketPath, "GET", "/greeting/x", anything)).toMatchObject({ params: { name: "x" } });

  const file = join(world.work, "file");
  await writeFile(file, "mine");
  await symlink(file, join(world.work, "link"));
  for (const name of ["file", "link"]) {
    await expect(listenUnix(routes(), join(world.work, name))).rejects.toMatchObject({ code: "unsafe-directory" });
  }
  await expect(listenUnix(routes(), join(world.work, "missing", "x"))).rejects.toMatchObject({
    code: "state-not-writable",
  });
});

test("bytes that are not HTTP, and a header that is too long, get an answer and nothing else suffers", async () => {
  await listen();
  expect(await exchange(Buffer.from([0xff, 0xfe, 0, 1, 10, 13, 10]))).toMatch(/^HTTP\/1.1 400 .*"malformed"/s);
  const huge = `GET / HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(100_000)}\r\n\r\n`;
  expect(await exchange(huge)).toMatch(/^HTTP\/1.1 431 .*"too-large"/s);
  expect(
    await exchange('POST /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 9\r\n\r\n{"text":}'),
  ).toMatch(/^HTTP\/1.1 400 .*"malformed"/s);
  expect(await requestJson(socketPath, "GET", "/greeting/x", anything)).toMatchObject({ params: { name: "x" } });
});

test("a body of more than 2 MiB is refused, with its length given or not", async () => {
  await listen();
  const large = requestJson(socketPath, "POST", "/echo", { ...anything, body: { text: "x".repeat(20_000_000) } });
  await expect(large).rejects.toMatchObject({ code: "too-large" });
  const piece = `10000\r\n${"x".repeat(0x10000)}\r\n`;
  const chunked = `POST /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n${piece.repeat(40)}0\r\n\r\n`;
  expect(await exchange(chunked)).toMatch(/^HTTP\/1.1 413 .*"too-large"/s);
});

test("half a request keeps nobody else waiting", async () => {
  await listen();
  const half = connect(socketPath);
  half.write("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{");
  await once(half, "connect");
  expect(await requestJson(socketPath, "GET", "/greeting/x", anything)).toMatchObject({ params: { name: "x" } });
  half.destroy();
});

test("an upgrade that nobody takes is refused", async () => {
  await listen();
  const request = "GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: something\r\n\r\n";
  expect(await exchange(request)).toMatch(/^HTTP\/1.1 400 .*"usage"/s);
});

test("connections beyond 256 are dropped, and there is room again when others leave", async () => {
  await listen();
  const idle = Array.from({ length: 256 }, () => connect(socketPath));
  await Promise.all(idle.map((socket) => once(socket, "connect")));
  await expect(requestJson(socketPath, "GET", "/greeting/x", anything)).rejects.toMatchObject({
    code: "daemon-unreachable",
  });
  for (const socket of idle) socket.destroy();
  const again = () => requestJson(socketPath, "GET", "/greeting/x", anything).catch(() => undefined);
  await expect.poll(again, { timeout: 20_000 }).toMatchObject({ params: { name: "x" } });
});
