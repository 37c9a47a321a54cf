import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Aborted, PromptList, PromptRecord } from "../../protocol/prompts.ts";
import { requestJson, type Method } from "../../runtime/http-client.ts";
import { statePaths } from "../../runtime/paths.ts";
import { createScene, type Scene } from "./pi-scene.ts";

const SLOW_EXTENSION = `export default (pi) => {
  pi.on("input", () => new Promise((resolve) => setTimeout(resolve, 300)));
};`;

const MOMENTS_MS = [0, 2, 5, 10, 20, 40, 60, 80, 100, 120, 150, 200];

/** A session whose requests are made as fast as can be. */
async function fastSession(scene: Scene, ...args: string[]) {
  const { id } = await scene.startPi(...args);
  const socket = statePaths(scene.world.env).daemonSocket;
  const request = (method: Method, path: string, body?: unknown) =>
    requestJson(socket, method, `/v1/sessions/${id}${path}`, { schema: PromptRecord, body });
  return {
    send: (body: object) => request("POST", "/prompts", body),
    /** As it is when it and its run are over, which takes less than the 8 s that it is waited for. */
    over: (prompt: string) => request("GET", `/prompts/${prompt}?wait=8000`),
    abort: () => requestJson(socket, "POST", `/v1/sessions/${id}/abort`, { schema: Aborted, body: {} }),
    list: () => requestJson(socket, "GET", `/v1/sessions/${id}/prompts`, { schema: PromptList }),
  };
}

describe("an abort", () => {
  it("that races the end of a run leaves no prompt behind, and nothing that comes after it waits", async () => {
    await using scene = await createScene();
    const { send, over, abort, list } = await fastSession(scene);
    for (const [round, moment] of MOMENTS_MS.entries()) {
      await send({ id: `run-${round}`, text: `short ${round}` });
      await delay(moment);
      await abort();
      await send({ id: `after-${round}`, text: `after ${round}` });
      expect(await over(`after-${round}`)).toMatchObject({ state: "delivered", run: "done" });
      const { state, run } = await over(`run-${round}`);
      expect(["delivered done", "delivered aborted", "cancelled undefined"]).toContain(`${state} ${run}`);
    }
    expect((await list()).queued).toEqual([]);
  });

  it("ends a run however early it comes", async () => {
    await using scene = await createScene();
    const { send, over, abort } = await fastSession(scene);
    for (const [round, moment] of MOMENTS_MS.entries()) {
      await send({ id: `run-${round}`, text: `hang ${round}` });
      await delay(moment);
      expect(await abort()).toEqual({ running: true });
      expect(await over(`run-${round}`)).toMatchObject({ state: "delivered", run: "aborted" });
    }
  });

  it("ends also a run that another extension holds up before it begins", async () => {
    await using scene = await createScene();
    const file = join(scene.world.work, "slow.mjs");
    await writeFile(file, SLOW_EXTENSION);
    const { send, over, abort } = await fastSession(scene, "-e", file);
    await send({ id: "held-up", text: "hang" });
    expect(await abort()).toEqual({ running: true });
    expect(await over("held-up")).toMatchObject({ state: "delivered", run: "aborted" });
  });

  it("of a prompt that is just being sent leaves no run behind", async () => {
    await using scene = await createScene();
    const { send, over, abort } = await fastSession(scene);
    for (let round = 0; round < 8; round += 1) {
      const sent = send({ id: `run-${round}`, text: `hang ${round}` });
      await abort();
      await sent;
      await abort();
      const { state, run } = await over(`run-${round}`);
      expect(["delivered aborted", "cancelled undefined"]).toContain(`${state} ${run}`);
    }
  });
});
