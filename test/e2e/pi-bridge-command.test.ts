import { join } from "node:path";
import { execa } from "execa";
import { expect, it, describe } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import { bridge, bridgeData, eventsOf, listed, onlyBridge, PI_BRIDGE, type Listed } from "./bridge-scene.ts";
import { createScene } from "./pi-scene.ts";

const SERVICE = join(import.meta.dirname, "..", "fixtures", "pi", "questions-extension.ts");

describe("the command pi-bridge", () => {
  it("does each verb", async () => {
    await using scene = await createScene();
    await scene.startPi("-e", SERVICE);
    const { pid, socketPath } = await onlyBridge(scene);
    const table = (await bridge(scene, "list")).stdout.split("\n").map((row) => row.split("\t"));
    expect(table[0]).toEqual(["PID", "IDLE", "SESSION", "NAME", "CWD", "SOCKET"]);
    expect(table[1]).toMatchObject({ 0: String(pid), 1: "yes", 4: scene.world.work, 5: socketPath });
    expect(await bridgeData(scene, "state")).toMatchObject({ pid, isIdle: true });
    expect(await bridgeData(scene, "ping", "--pid", String(pid))).toMatchObject({ state: { pid } });
    expect(await bridgeData(scene, "commands", "--socket", socketPath)).toHaveProperty("commands");

    const stream = execa(process.execPath, [PI_BRIDGE, "stream"], { env: scene.world.env, extendEnv: false });
    const streamed = stream.iterable();
    expect(JSON.parse((await streamed.next()).value as string)).toMatchObject({ type: "bridge_hello" });
    expect(JSON.parse((await streamed.next()).value as string)).toMatchObject({ command: "subscribe", success: true });

    expect(await bridgeData(scene, "emit", "tests", "are", "green")).toEqual({ message: "tests are green" });
    expect(JSON.parse((await streamed.next()).value as string)).toMatchObject({ event: "bridge_emit" });
    expect(await bridgeData(scene, "send", "hang")).toMatchObject({ disposition: "started" });
    await waitFor("the run", () => scene.model.requests.some(({ prompt }) => prompt === "hang"));
    expect(await bridgeData(scene, "send", "--follow-up", "later")).toMatchObject({ deliveredAs: "followUp" });
    expect(await bridgeData(scene, "follow-up", "at last")).toMatchObject({ deliveredAs: "followUp" });
    expect(await bridgeData(scene, "steer", "left")).toMatchObject({ deliveredAs: "steer" });
    expect(await bridge(scene, "send", "--now", "at once")).toMatchObject({ exitCode: 1, stderr: "" });
    await bridgeData(scene, "abort");
    await waitFor("the end of the run", async () => (await bridgeData(scene, "state"))["isIdle"]);

    await bridgeData(scene, "send", "/service");
    const question = await waitFor("a question", async () => {
      const { questions } = await bridgeData(scene, "questions");
      return (questions as { requestId: string }[])[0];
    });
    await bridgeData(scene, "answer", "--request-id", question.requestId, "--answers", '[["Stop here"]]');
    await bridgeData(scene, "send", "/service");
    await waitFor("a question", async () => (await bridgeData(scene, "reject", "--request-id", "que_2"))["rejected"]);

    const history = await bridgeData(scene, "history", "20");
    expect(eventsOf(history).length).toBeGreaterThan(5);
    const hung = await bridgeData(scene, "history", "--event", "input", "--raw", "--since", "2026-01-01T00:00:00Z");
    expect(eventsOf(hung)[0]).toMatchObject({ data: { text: "hang" }, rawRestored: true });
    const little = await bridgeData(scene, "history", "--max-bytes", "10");
    expect(little).toMatchObject({ responseTruncated: true });
    expect(eventsOf(little)).toHaveLength(1);

    await bridgeData(scene, "request", '{"type":"shutdown","confirm":true}');
    const ended = await stream;
    expect(ended.exitCode).toBe(0);
    expect(ended.stdout).toContain('"type":"bridge_stop"');
    await listed(scene, 0);
    expect((await bridge(scene, "list")).stdout).toBe("No active pi session bridges found.");
  });

  it("refuses what is not clear, with exit code 1", async () => {
    await using scene = await createScene();
    expect(await bridge(scene, "state")).toMatchObject({ exitCode: 1, stdout: "" });
    await scene.startPi("--name", "first");
    await scene.startPi("--name", "second");
    const [first] = await listed(scene, 2);
    const ambiguous = await bridge(scene, "state");
    expect(ambiguous.stderr).toContain("Multiple matching pi session bridges.");
    expect(ambiguous).toMatchObject({ exitCode: 1, stdout: expect.stringContaining("first") as unknown });
    const { sessionId } = first as Listed;
    for (const target of [
      ["--name", "first"],
      ["--session", String(sessionId)],
      ["--pid", String(first?.pid)],
    ]) {
      expect(await bridgeData(scene, "state", ...target)).toHaveProperty("pid");
    }
    for (const [args, stderr] of [
      [["dance"], "Unknown command: dance"],
      [["send"], "Missing message for send"],
      [["answer", "--request-id", "que_1", "--answers", "{"], "Invalid --answers JSON"],
      [["reject"], "Missing --request-id for reject"],
      [["state", "--pid"], "Missing value for --pid"],
      [["state", "--pid", "1"], "No matching active pi session bridge."],
    ] as const) {
      const refused = await bridge(scene, ...args);
      expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
      expect(refused.stderr).toContain(stderr);
    }
    expect(await bridge(scene, "--help")).toMatchObject({ exitCode: 0, stderr: "" });
  });
});
