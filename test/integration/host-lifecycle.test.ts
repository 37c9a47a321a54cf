import { access, readFile, rm } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SessionRecord } from "../../protocol/session.ts";
import { requestJson } from "../../runtime/http-client.ts";
import { statePaths } from "../../runtime/paths.ts";
import * as z from "zod";
import { startHost, type RunningHost } from "../support/host.ts";
import { signal, untilGone } from "../support/processes.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { TestView } from "../support/view.ts";

let world: TemporaryWorld;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await world.dispose();
});

async function recordOf(host: RunningHost): Promise<SessionRecord> {
  const file = statePaths(world.env).sessionRecord(host.record.id);
  return SessionRecord.parse(JSON.parse(await readFile(file, "utf8")));
}

function kill(host: RunningHost, graceMs: number): Promise<unknown> {
  return requestJson(host.socket, "POST", "/v1/kill", { schema: z.unknown(), body: { graceMs } });
}

describe("the end of a session's child", () => {
  it("gives every view all output and the exit code, and stands in the record", async () => {
    const host = await startHost(world, `read -r go; seq 1 3000; echo LAST; exit 7`, { expectsView: true });
    const view = await TestView.open(host.socket);
    view.type("go\r");
    await view.closed;
    expect(view.message("exit")).toEqual({ type: "exit", exitCode: 7, cause: "exited", rows: 24, resumable: false });
    await view.waitForText("2999\n3000\nLAST");
    await host.exited;
    const record = await recordOf(host);
    expect(record.host).toBeUndefined();
    expect(record.ending).toMatchObject({ cause: "exited", exitCode: 7, interrupted: false });
    await expect(access(host.socket)).rejects.toThrow("ENOENT");
  });

  it("waits for the launcher's view when the child ends at once", async () => {
    const host = await startHost(world, `echo 'Unknown option: --nonsense'; exit 2`, { expectsView: true });
    const view = await TestView.open(host.socket);
    await view.closed;
    await view.waitForText("Unknown option: --nonsense");
    expect(view.message("exit")).toMatchObject({ exitCode: 2 });
    await host.exited;
    expect((await recordOf(host)).ending).toMatchObject({ exitCode: 2, error: "Unknown option: --nonsense" });
  });

  it("says which signal killed it", async () => {
    const host = await startHost(world, `echo READY; kill -9 $$`, { expectsView: true });
    const view = await TestView.open(host.socket);
    await view.closed;
    expect(view.message("exit")).toMatchObject({ exitCode: 137, signal: 9, cause: "exited", rows: 2 });
    await host.exited;
    expect((await recordOf(host)).ending).toMatchObject({ cause: "exited", signal: 9 });
  });

  it("does not wait for a view that stopped reading", async () => {
    const host = await startHost(world, `read -r go; seq 1 200000; exit 3`);
    const reading = await TestView.open(host.socket);
    const stopped = await TestView.open(host.socket);
    stopped.stop();
    reading.type("go\r");
    await reading.closed;
    expect(reading.message("exit")).toMatchObject({ exitCode: 3 });
    await host.exited;
    stopped.continue();
    await stopped.closed;
  });

  it("comes with kill: asked first, then forced", async () => {
    // The hang-up that follows the question is not for one that is about to answer, however long that takes it.
    const gentle = await startHost(
      world,
      `trap '' HUP; trap 'echo BYE; exit 0' TERM; echo READY; while :; do sleep 0.02; done`,
    );
    const view = await TestView.open(gentle.socket);
    await view.waitForText("READY");
    await kill(gentle, 10_000);
    await view.closed;
    await view.waitForText("BYE");
    expect(view.message("exit")).toMatchObject({ cause: "killed" });
    const stubborn = await startHost(world, `trap '' TERM HUP; echo READY; while :; do sleep 0.02; done`);
    const other = await TestView.open(stubborn.socket);
    await other.waitForText("READY");
    await kill(stubborn, 200);
    await other.closed;
    expect(other.message("exit")).toMatchObject({ signal: 9, cause: "killed" });
    await Promise.all([gentle.exited, stubborn.exited]);
    expect((await recordOf(stubborn)).ending).toMatchObject({ cause: "killed" });
  });

  it("comes with SIGTERM to the host, and with its death", async () => {
    const host = await startHost(world, `echo READY; sleep 1000`);
    signal(host.pid, "SIGTERM");
    await host.exited;
    expect((await recordOf(host)).ending).toMatchObject({ cause: "killed" });
    await untilGone(host.record.host?.child?.pid as number);

    const dying = await startHost(world, `echo READY; sleep 1000`);
    const child = dying.record.host?.child?.pid as number;
    const view = await TestView.open(dying.socket);
    signal(dying.pid, "SIGKILL");
    expect((await view.closed).code).toBe(1006);
    await untilGone(child);
    expect((await recordOf(dying)).host).toBeDefined();
  });
});

describe("a launch", () => {
  it("is refused for a directory that is gone, before anything starts", async () => {
    const cwd = `${world.work}/gone`;
    const host = await startHost(world, "echo never", { cwd });
    expect(host.report).toMatchObject({ outcome: "failed", error: { code: "cwd-missing", facts: { cwd } } });
    await host.exited;
  });

  it("shows in its terminal when the program cannot be run", async () => {
    const host = await startHost(world, "", { file: `${world.work}/no-such-program`, args: [], expectsView: true });
    const view = await TestView.open(host.socket);
    await view.closed;
    expect(view.message("exit")?.exitCode).toBe(1);
    await view.waitForText(/no such file/i);
  });

  it("is one of twelve on a conversation: one host, and the others say who holds it", async () => {
    const launches = Array.from({ length: 12 }, () =>
      startHost(world, "echo READY; sleep 1000", { conversationKeys: ["id:abc"] }),
    );
    const hosts = await Promise.all(launches);
    const ready = hosts.filter((host) => host.report.outcome === "ready");
    expect(ready).toHaveLength(1);
    const holder = { session: ready[0]?.record.id, socket: ready[0]?.socket };
    for (const host of hosts) {
      if (host !== ready[0]) expect(host.report).toEqual({ outcome: "held", key: "id:abc", holder });
    }
    await Promise.all(hosts.filter((host) => host !== ready[0]).map((host) => host.exited));
  });

  it("takes over the conversation of a host that was killed", async () => {
    const first = await startHost(world, "sleep 1000", { conversationKeys: ["id:abc"] });
    signal(first.pid, "SIGKILL");
    await first.exited;
    const second = await startHost(world, "sleep 1000", { conversationKeys: ["id:abc"] });
    expect(second.report.outcome).toBe("ready");
  });

  it("replaces the socket that a killed host of the same generation left", async () => {
    const first = await startHost(world, "sleep 1000");
    const { id } = first.record;
    signal(first.pid, "SIGKILL");
    await first.exited;
    await access(first.socket);
    const second = await startHost(world, "echo AGAIN; sleep 1000", { id });
    const view = await TestView.open(second.socket);
    await view.waitForText("AGAIN");
    await view.close();
  });

  it("survives a state directory that is removed under it, as far as its child goes", async () => {
    const host = await startHost(world, `echo READY; read -r go; echo STILL-HERE; sleep 1000`);
    const view = await TestView.open(host.socket);
    await view.waitForText("READY");
    await rm(statePaths(world.env).sessionsDirectory, { recursive: true });
    view.type("go\r");
    await view.waitForText("STILL-HERE");
    await view.close();
    signal(host.pid, "SIGTERM");
    await host.exited;
  });
});
