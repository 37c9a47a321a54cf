import { join } from "node:path";
import { execa } from "execa";
import { expect } from "vitest";
import { PISYNC, type Finished } from "../support/pisync.ts";
import { waitFor } from "../support/wait-for.ts";
import type { Scene } from "./pi-scene.ts";

export const PI_BRIDGE = join(PISYNC, "..", "pi-bridge.js");
export type Listed = Record<string, unknown> & { pid: number; socketPath: string };

/** Runs `pi-bridge ARGS` in the scene, without a terminal. */
export async function bridge(scene: Scene, ...args: string[]): Promise<Finished> {
  const { stdout, stderr, exitCode } = await execa(process.execPath, [PI_BRIDGE, ...args], {
    cwd: scene.world.work,
    env: scene.world.env,
    extendEnv: false,
    reject: false,
    stdin: "ignore",
    timeout: 60_000,
  });
  return { stdout, stderr, exitCode };
}

/** The data of the answer that `pi-bridge ARGS` prints. */
export async function bridgeData(scene: Scene, ...args: string[]): Promise<Record<string, unknown>> {
  const { stdout, stderr, exitCode } = await bridge(scene, ...args);
  expect({ args, exitCode, stderr }).toEqual({ args, exitCode: 0, stderr: "" });
  const answer = JSON.parse(stdout) as Record<string, unknown>;
  expect(answer).toMatchObject({ type: "response", success: true });
  return answer["data"] as Record<string, unknown>;
}

/** The bridges of the registry, once there are so many and each says its conversation. */
export async function listed(scene: Scene, count = 1): Promise<Listed[]> {
  return waitFor(`${count} bridges`, async () => {
    const found = JSON.parse((await bridge(scene, "list", "--json")).stdout) as Listed[];
    return found.length === count && found.every(({ sessionId }) => sessionId !== undefined) ? found : undefined;
  });
}

export async function onlyBridge(scene: Scene): Promise<Listed> {
  return (await listed(scene))[0] as Listed;
}

export function eventsOf(data: Record<string, unknown>): Record<string, unknown>[] {
  return data["events"] as Record<string, unknown>[];
}
