import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startScriptedModel, type ScriptedModel } from "../../cli/demo/scripted-model.ts";
import { ScreenText } from "../../protocol/host-api.ts";
import type { Degraded, StatusState } from "../../protocol/session.ts";
import { requestJson } from "../../runtime/http-client.ts";
import { writeAgentDirectory } from "../fixtures/pi/agent-directory.ts";
import { startHost, type RunningHost } from "../support/host.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { TestView } from "../support/view.ts";

const root = join(import.meta.dirname, "..", "..");
const extension = join(root, "adapters", "agents", "pi", "extension", "pisync-extension.ts");
const pi = process.env.PISYNC_TEST_PI ?? join(root, "node_modules", ".bin", "pi");

let world: TemporaryWorld;
let model: ScriptedModel;
beforeEach(async () => {
  world = await createWorld();
  model = await startScriptedModel();
  await writeAgentDirectory(world.agentDirectory, { modelUrl: model.url });
});
afterEach(async () => {
  await world.dispose();
  await model.close();
});

/** The real pi under the real host. */
async function startPi({ inject, env = {} }: { inject: boolean; env?: Record<string, string> }) {
  const degraded: Degraded = { reason: "switched-off", detail: "PISYNC_NO_EXTENSION is set." };
  const host = await startHost(world, "", {
    agent: "pi",
    argv: ["pi"],
    file: pi,
    args: inject ? ["-e", extension] : [],
    env: { ...world.env, ...env },
    expectsExtension: inject,
    ...(inject ? {} : { degraded }),
  });
  const view = await TestView.open(host.socket);
  await view.waitForText(/scripted\s*$/m);
  return { host, view };
}

async function say(view: TestView, line: string): Promise<void> {
  view.type(`\x1b[200~${line}\x1b[201~`);
  await view.waitForText(line);
  view.type("\r");
}

function until(host: RunningHost, state: StatusState, unseen?: true) {
  return host.until(`${state} ${unseen ? "unseen" : ""}`, ({ status }) => {
    return status?.state === state && status.unseen === unseen;
  });
}

describe("with the extension", () => {
  test("a run that ends after its user has left is unseen, until they are back", async () => {
    const { host, view } = await startPi({ inject: true });
    await until(host, "idle");
    await say(view, "bash: until [ -e left ]; do sleep 0.1; done");
    await until(host, "working");
    await view.close();
    await host.until("no view", ({ views }) => views.length === 0);
    await writeFile(join(world.work, "left"), "");
    expect((await until(host, "idle", true)).status?.source).toBe("extension");
    const again = await TestView.open(host.socket);
    await until(host, "idle");
    await again.close();
  });

  test("an error stays until something is typed", async () => {
    const { host, view } = await startPi({ inject: true });
    await until(host, "idle");
    await say(view, "err401");
    const { status } = await until(host, "error");
    expect(status?.error).toContain("Invalid API key");
    view.type("x");
    await until(host, "idle");
    await view.close();
  });
});

const [major = 0, minor = 0] = execFileSync(pi, ["--version"], { encoding: "utf8" }).trim().split(".").map(Number);

describe.skipIf(major * 100 + minor < 101)("without the extension, from 1.1.0", () => {
  test("pi says through its terminal what it is doing", async () => {
    const { host, view } = await startPi({ inject: false });
    expect((await until(host, "idle")).status?.source).toBe("screen");
    await say(view, "slow:3");
    await until(host, "working");
    await until(host, "idle");
    await say(view, "err401");
    const failed = await until(host, "error");
    expect(failed.status?.source).toBe("screen");
    expect(failed.status?.error).toContain("401");
    await say(view, "hang");
    await until(host, "working");
    await view.waitForText("hanging");
    view.type("\x1b");
    await until(host, "idle");
    await view.close();
  });

  test("its user sees the same as without", async () => {
    const screens: string[] = [];
    for (const env of [{}, { PI_PROGRAM_STATUS: "0" }] as Record<string, string>[]) {
      const { host, view } = await startPi({ inject: false, env });
      await say(view, "hello");
      await view.waitForText(/^(?![^]*Working)[^]*Echo reply to: hello[^]*↑100/);
      screens.push((await requestJson(host.socket, "GET", "/v1/screen?scrollback=1000", { schema: ScreenText })).text);
      await view.close();
    }
    expect(screens[0]).toBe(screens[1]);
  });
});
