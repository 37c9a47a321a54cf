import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { LogItem } from "../../client/follow-log.ts";
import { PisyncError, PisyncClient } from "../../client/main.ts";
import { findDaemon } from "../../runtime/ensure-daemon.ts";
import { statePaths } from "../../runtime/paths.ts";
import { PACKAGE_VERSION } from "../../runtime/version.ts";
import { buildProgram, type Program } from "../fixtures/daemon/program.ts";
import { signal, untilGone } from "../support/processes.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { waitFor } from "../support/wait-for.ts";

let world: TemporaryWorld;
/** Ends what is still followed: it would start the daemon again and again. */
let stop: AbortController;
let followed: Promise<void>[];

let older: Program;
beforeAll(async () => {
  const programs = await createWorld();
  older = await buildProgram(join(programs.work, "older"), { version: "0.0.9" });
  return () => programs.dispose();
});

beforeEach(async () => {
  stop = new AbortController();
  followed = [];
  world = await createWorld();
  for (const [name, value] of Object.entries(world.env)) vi.stubEnv(name, value);
});

afterEach(async () => {
  stop.abort(new Error("enough"));
  await Promise.allSettled(followed);
  vi.unstubAllEnvs();
  await world.dispose();
});

async function launched(client: PisyncClient): Promise<string> {
  const { session } = await client.launch({ agent: "command", argv: ["sh", "-c", "cat"], cwd: world.work });
  return session.id;
}

/** Takes items until the end, in the background. */
function taking<T extends { type: string }>(items: AsyncIterable<T>): { taken: T[]; ended: Promise<void> } {
  const taken: T[] = [];
  const ended = (async () => {
    for await (const item of items) taken.push(item);
  })();
  followed.push(ended);
  return { taken, ended };
}

/** A request that reaches the old one while it ends is not made again, so the next one has to be there. */
async function replaceDaemon(client: PisyncClient): Promise<void> {
  const { pid } = await client.daemon();
  signal(pid, "SIGKILL");
  await waitFor("the next daemon", async () => (await client.daemon()).pid !== pid);
}

function seqsIn(items: readonly LogItem[]): number[] {
  return items.flatMap((item) => (item.type === "event" ? [item.event.seq] : []));
}

describe("a client", () => {
  it("launches, finds, names and ends a session, and follows it to its end", async () => {
    const client = await PisyncClient.connect();
    const id = await launched(client);
    expect((await client.list()).sessions).toMatchObject([{ id, kind: "live", agent: "command" }]);
    expect(await client.target({ cwd: world.work })).toMatchObject({ id });
    const whole = taking(client.followLog(id, { after: 0 }));
    const named = taking(client.followLog(id, { after: 0, event: ["emit"] }));
    const { seq } = await client.emit(id, { text: "hello" });
    // One that has not begun to read when the session ends is told that it has.
    await waitFor("both to read", () => whole.taken.length > 0 && named.taken.length > 0);
    expect((await client.history(id, { event: ["emit"], limit: 5 })).events).toMatchObject([{ seq }]);
    expect(await client.rename(id, "A name")).toMatchObject({ id });
    expect(await client.kill(id)).toMatchObject({ kind: "resumable" });
    await Promise.all([whole.ended, named.ended]);
    expect(whole.taken.at(-1)).toMatchObject({ type: "event", event: { event: "host_end" } });
    expect(named.taken).toMatchObject([{ type: "event", event: { event: "emit", data: { text: "hello" } } }]);
  });

  it("goes on after the daemon was killed, and loses no event without a word", async () => {
    const client = await PisyncClient.connect();
    const id = await launched(client);
    const log = taking(client.followLog(id, { signal: stop.signal }));
    const states = taking(client.followState({ signal: stop.signal }));
    const logs = taking(client.followLogs({ event: ["emit"], signal: stop.signal }));
    await waitFor("the readers to be there", async () => {
      await client.emit(id, { text: "are you there" });
      return log.taken.length > 0 && states.taken.length > 0 && logs.taken.length > 0;
    });
    await replaceDaemon(client);
    for (let count = 0; count < 3; count += 1) await client.emit(id, { text: `event ${count}` });
    await waitFor("the gap", () => logs.taken.some(({ type }) => type === "gap"));
    await waitFor("the last event", () => JSON.stringify(log.taken.at(-1)).includes("event 2"));
    await client.kill(id);
    await log.ended;
    const seqs = seqsIn(log.taken);
    expect(log.taken.map(({ type }) => type)).toEqual(["snapshot", ...seqs.map(() => "event")]);
    expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
    await waitFor("a second snapshot", () => states.taken.filter(({ type }) => type === "snapshot").length > 1);
  });

  it("that does not look at the daemon first starts one, and replaces an older one, with its first request", async () => {
    const client = await PisyncClient.onDemand();
    expect(await findDaemon(statePaths())).toBeUndefined();
    expect((await client.list()).sessions).toEqual([]);
    const { pid } = await client.daemon();
    signal(pid, "SIGTERM");
    await untilGone(pid);
    await older.ensure(world.env);
    expect((await client.list()).sessions).toEqual([]);
    expect(await findDaemon(statePaths())).toMatchObject({ version: PACKAGE_VERSION });
  });

  it("says with one class of errors what is wrong, and of what it follows where it breaks off", async () => {
    const client = await PisyncClient.connect();
    const error: unknown = await client.state("nobody77").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PisyncError);
    expect(error).toMatchObject({ code: "no-such-target", facts: { asked: "nobody77" } });
    expect((error as PisyncError).next).toContain("pisync list");
    const id = await launched(client);
    const log = taking(client.followLog(id));
    await waitFor("the snapshot", () => log.taken.length === 1);
    const { record } = await client.state(id);
    await expect(client.send(id, { text: "hello" })).rejects.toMatchObject({
      code: "no-extension",
      message: `Session ${id} runs a command; only pi takes prompts and has a conversation.`,
    });
    // It ends while there is no daemon.
    for (const pid of [(await client.daemon()).pid, record.host?.process.pid ?? 0]) signal(pid, "SIGKILL");
    await log.ended;
    expect(log.taken.at(-1)).toMatchObject({ type: "gap", gap: { from: expect.any(Number) as number } });
    await expect(client.followLog(id).next()).rejects.toMatchObject({ code: "not-live" });
    const state = taking(client.followState({ signal: stop.signal }));
    await waitFor("the snapshot", () => state.taken.length === 1);
    stop.abort(new Error("enough"));
    await expect(state.ended).rejects.toThrow("enough");
  });
});
