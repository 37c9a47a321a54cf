import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { SessionManager } from "@earendil-works/pi-coding-agent";
import { expect, test, vi } from "vitest";
import { createPiConversations } from "../../../adapters/agents/pi/pi-conversations.ts";
import { writeConversations } from "../../fixtures/pi/conversation-generator.ts";
import { createWorld } from "../../support/temporary-world.ts";

test("pi reads what is generated, and says what the generator and the reader say", async () => {
  await using world = await createWorld();
  vi.stubEnv("PI_CODING_AGENT_DIR", world.agentDirectory);
  const sessions = join(world.agentDirectory, "sessions");
  const generated = await writeConversations(sessions, { count: 300, seed: 3, meanBytes: 30_000 });
  const listed = new Map((await SessionManager.listAll()).map((session) => [session.id, session]));
  vi.unstubAllEnvs();

  const pi = createPiConversations();
  expect(listed.size).toBe(300);
  for (const { path, id, cwd, name, firstMessage, messages } of generated) {
    expect(listed.get(id)).toMatchObject({ path, cwd, firstMessage });
    expect(listed.get(id)?.name).toBe(name);
    const file = await readFile(path);
    const reading = pi.read(pi.emptyReading(), file);
    expect(reading).toMatchObject({ header: { id, cwd }, firstMessage: firstMessage.slice(0, 1_000), messages });
    expect(reading.strangeLines).toBe(0);
    expect(reading.name).toBe(name);
    expect(reading.header?.parent).toBe(listed.get(id)?.parentSessionPath);
    // pi dates a message by its beginning, the file by its end: milliseconds apart here.
    expect(Math.abs((reading.lastActivity ?? 0) - (listed.get(id)?.modified.getTime() ?? 0))).toBeLessThan(60_000);
    const texts = pi.passages(file, 0).filter(({ role }) => role === "user" || role === "agent");
    expect(withoutSpaces(texts.map(({ text }) => text).join(""))).toBe(
      withoutSpaces(listed.get(id)?.allMessagesText ?? ""),
    );
  }
});

test("pi opens what is generated as one unbroken conversation", async () => {
  await using world = await createWorld();
  const generated = await writeConversations(world.work, { count: 20, seed: 5, meanBytes: 60_000 });
  for (const { path } of generated) {
    const opened = SessionManager.open(path);
    expect(opened.getBranch()).toEqual(opened.getEntries());
    expect(opened.buildSessionContext().messages.length).toBeGreaterThan(0);
  }
});

test("the same seed makes the same files, of about the size that was asked for, with everything in them", async () => {
  await using world = await createWorld();
  const options = { count: 400, seed: 9, meanBytes: 40_000 };
  const first = await writeConversations(join(world.work, "a"), options);
  const second = await writeConversations(join(world.work, "b"), options);
  expect(second.map(({ id, firstMessage }) => [id, firstMessage])).toEqual(
    first.map(({ id, firstMessage }) => [id, firstMessage]),
  );
  const sizes = await Promise.all(first.map(async ({ path }) => (await stat(path)).size));
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  expect(mean).toBeGreaterThan(25_000);
  expect(mean).toBeLessThan(70_000);
  const all = (await Promise.all(first.map(({ path }) => readFile(path, "latin1")))).join("");
  for (const part of [
    '"parentSession":"/',
    '"type":"session_info"',
    '"type":"compaction"',
    '"type":"context_edit"',
    '"stopReason":"aborted"',
    '"stopReason":"error"',
    '"role":"bashExecution"',
    '"type":"image"',
    '"isError":true',
  ]) {
    expect(all, part).toContain(part);
  }
});

function withoutSpaces(text: string): string {
  return text.replace(/\s+/g, "");
}
