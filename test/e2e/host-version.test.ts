import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import type { SessionSummary } from "../../protocol/session.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import { PACKAGE_VERSION } from "../../runtime/version.ts";
import { DaemonClient } from "../fixtures/daemon/daemon-client.ts";
import { buildProgram, type Program } from "../fixtures/daemon/program.ts";
import { untilGone } from "../support/processes.ts";
import { createWorld } from "../support/temporary-world.ts";
import { createScene, DETACH, prompt, untilPiReady, type Scene } from "./pi-scene.ts";

/** Whole releases of other versions: daemon and host. */
const OTHERS = {
  older: { version: "0.0.9" },
  oldest: { version: "0.0.1", protocol: PROTOCOL_VERSION - 1 },
};

let programs: Record<keyof typeof OTHERS, Program>;
beforeAll(async () => {
  const world = await createWorld();
  const build = (name: keyof typeof OTHERS) => buildProgram(join(world.work, name), { ...OTHERS[name], ownHost: true });
  programs = { older: await build("older"), oldest: await build("oldest") };
  return () => world.dispose();
});

/** A pi that this release started, whose daemon has been replaced since. */
async function startedBy(scene: Scene, name: keyof typeof OTHERS): Promise<SessionSummary> {
  const { world } = scene;
  const daemon = await programs[name].ensure(world.env);
  if ("error" in daemon) throw new Error(daemon.error.message);
  const { session } = await new DaemonClient(world).launch({
    agent: "pi",
    argv: ["pi", "said before"],
    env: world.env,
  });
  await scene.ok("list");
  await untilGone(daemon.pid);
  return scene.session(session.id);
}

it("a host of an older version that speaks the same protocol is attached to", async () => {
  await using scene = await createScene();
  const session = await startedBy(scene, "older");
  expect(session).toMatchObject({ kind: "live", hostVersion: "0.0.9" });
  expect(session.degraded).toBeUndefined();
  const view = scene.terminal(["attach", session.id]);
  await untilPiReady(view);
  await prompt(view, "hello");
  await view.waitForScreen("Echo reply to: hello");
  await scene.untilSession(session.id, ({ messages, status }) => messages === 4 && status?.state === "idle");
  view.send(DETACH);
  expect(await view.exit).toMatchObject({ exitCode: 0 });
  await scene.ok("kill", session.id);
});

it("a host of an older protocol is listed, said to be too old, and can be ended and brought back", async () => {
  await using scene = await createScene();
  const session = await startedBy(scene, "oldest");
  expect(session).toMatchObject({ kind: "live", hostVersion: "0.0.1", degraded: { reason: "other-version" } });
  expect(await scene.ok("list")).toContain("started by another version of pisync");

  const view = scene.terminal(["attach", session.id], { cols: 200 });
  expect(await view.exit).toMatchObject({ exitCode: 1 });
  expect(view.screenText()).toContain("was started by pisync 0.0.1, which this pisync");
  expect(view.screenText()).toContain(`pisync kill ${session.id} and bring it back with pisync resume ${session.id}`);

  await scene.untilSession(session.id, ({ messages }) => messages === 2);
  await scene.ok("kill", session.id);
  expect(await scene.ok("resume", "-d", session.id)).toBe(session.id);
  const back = await scene.session(session.id);
  expect(back).toMatchObject({ kind: "live", generation: 2, hostVersion: PACKAGE_VERSION });
  expect(back.degraded).toBeUndefined();
});
