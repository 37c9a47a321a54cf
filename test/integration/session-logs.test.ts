import { readdir } from "node:fs/promises";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { EventEnvelope } from "../../protocol/events.ts";
import { requestJson } from "../../runtime/http-client.ts";
import type { DaemonClient } from "../fixtures/daemon/daemon-client.ts";
import { eachInDaemonWorld } from "../fixtures/daemon/daemon-world.ts";
import { LogReader } from "../support/log-reader.ts";
import { signal } from "../support/processes.ts";
import { waitFor } from "../support/wait-for.ts";

let client: DaemonClient;
let daemonPid: number;
eachInDaemonWorld((started) => ({ client, daemonPid } = started));

const read = (path: string) => LogReader.open(client.paths.daemonSocket, { path });

function emit(id: string, body: object): Promise<EventEnvelope> {
  return requestJson(client.paths.daemonSocket, "POST", `/v1/sessions/${id}/emit`, { schema: EventEnvelope, body });
}

/** `first`, `first + 1`, … */
function counted(events: readonly EventEnvelope[], first: number): number[] {
  return events.map((_, index) => first + index);
}

describe("the log of all sessions", () => {
  test("has every event of a session that starts, and starts again, while one reads", async () => {
    using reader = await read("/v1/log");
    await waitFor("the snapshot", () => reader.lists.length === 1);
    const { session } = await client.launch({ argv: ["sleep", "299"] });
    await emit(session.id, { text: "one" });
    await client.kill(session.id, 0);
    await client.resume(session.id);
    await emit(session.id, { text: "two" });
    await waitFor("both", () => reader.of(session.id).filter(({ event }) => event === "emit").length === 2);
    const events = reader.of(session.id);
    expect(events[0]).toMatchObject({ event: "host_start", seq: 1, data: { generation: 1 } });
    expect(events.map(({ seq }) => seq)).toEqual(counted(events, 1));
    expect(events.find(({ event, data }) => event === "host_start" && data["generation"] === 2)).toBeDefined();
    expect(reader.gaps).toEqual([]);
  });

  test("has every event after the snapshot, from hosts that do not answer at once, too", async () => {
    const sessions = [(await client.launch()).session, (await client.launch()).session];
    const [first, second] = sessions.map(({ id }) => id) as [string, string];
    const stopped = await client.hostPid(first);
    signal(stopped, "SIGSTOP");
    using reader = await read("/v1/log");
    await waitFor("the snapshot", () => reader.lists.length === 1);
    const { seq } = await emit(second, { text: "at once" });
    expect((await reader.next("emit")).seq).toBe(seq);
    signal(stopped, "SIGCONT");
    const said = async () => (await emit(first, { text: "later" })).seq;
    await said();
    await waitFor("the other host's", async () => (await said()) > 0 && reader.of(first).length > 0);
    const events = reader.of(first);
    expect(events.map(({ seq: number }) => number)).toEqual(counted(events, events[0]?.seq ?? 0));
  });

  test("is not resumed, and says so", async () => {
    await client.launch();
    using reader = await LogReader.open(client.paths.daemonSocket, { path: "/v1/log", lastEventId: "abcdefgh:7" });
    await waitFor("the snapshot", () => reader.lists.length === 1);
    expect(reader.gaps).toEqual([{ asked: "abcdefgh:7" }]);
    expect(reader.lists[0]?.map(({ kind }) => kind)).toEqual(["live"]);
  });
});

describe.each([
  ["one session", (id: string) => `/v1/sessions/${id}/log`],
  ["all sessions", () => "/v1/log"],
] as const)("readers of the log of %s", (_what, pathOf) => {
  test("may be two hundred and more, a stalled one among them; who is too many is told so", async () => {
    const { session } = await client.launch();
    const path = pathOf(session.id);
    const stalled = connect(client.paths.daemonSocket);
    stalled.on("error", () => undefined);
    stalled.write(`GET ${path} HTTP/1.1\r\nhost: pisync\r\n\r\n`);
    stalled.pause();
    const readers = await Promise.all(Array.from({ length: 210 }, () => read(path)));
    await waitFor("everybody to have begun", () =>
      readers.every(({ lists, snapshots }) => lists.length + snapshots.length === 1),
    );
    const seqs: number[] = [];
    for (let event = 0; event < 30; event += 1) {
      seqs.push((await emit(session.id, { data: wide(event) })).seq);
    }
    // A session that has just begun may tell so first.
    const emitted = ({ events }: (typeof readers)[number]) => events.filter(({ event }) => event === "emit");
    await waitFor("everybody to have everything", () => readers.every((reader) => emitted(reader).length >= 30));
    for (const reader of readers) expect(emitted(reader).map(({ seq }) => seq)).toEqual(seqs);
    const more = await Promise.allSettled(Array.from({ length: 20 }, () => read(path)));
    const refused = more.filter(({ status }) => status === "rejected");
    expect(refused.length).toBeGreaterThanOrEqual(10);
    expect(refused[0]).toMatchObject({ reason: { code: "busy" } });
    // Commands go on.
    expect(await client.list()).toHaveLength(1);
    for (const result of more) if (result.status === "fulfilled") result.value.stream.close();
    for (const reader of readers) reader.stream.close();
    stalled.destroy();
    await waitFor("room again", () => read(path).then(({ stream }) => (stream.close(), true)));
  });

  test.skipIf(process.platform !== "linux")("may come and go by hundreds, and nothing stays open", async () => {
    const { session } = await client.launch();
    const path = pathOf(session.id);
    const pids = [daemonPid, await client.hostPid(session.id)];
    const open = () => Promise.all(pids.map(async (pid) => (await readdir(`/proc/${pid}/fd`)).length));
    using steady = await read(path);
    await waitFor("the snapshot", () => steady.lists.length + steady.snapshots.length === 1);
    (await read(path)).stream.close();
    await emit(session.id, { text: "before" });
    const before = await open();
    for (let round = 0; round < 15; round += 1) {
      const readers = await Promise.all(Array.from({ length: 20 }, () => read(path)));
      for (const { stream } of readers) stream.close();
      // Some go before they are answered.
      for (let hasty = 0; hasty < 5; hasty += 1) {
        const socket = connect(client.paths.daemonSocket);
        socket.on("error", () => undefined);
        socket.write(`GET ${path} HTTP/1.1\r\nhost: pisync\r\n\r\n`, () => socket.destroy());
      }
    }
    // Of 375; a few are the daemon's own doings meanwhile.
    await waitFor("their descriptors to be closed", async () =>
      (await open()).every((count, index) => count < (before[index] ?? 0) + 10),
    );
    const { seq } = await emit(session.id, { text: "after" });
    await waitFor("the event", () => steady.events.at(-1)?.seq === seq);
  });
});

/** About 7 KB, which previews do not shorten. */
function wide(event: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`field${at}`, `${event}`.padEnd(220, "z")]));
}
