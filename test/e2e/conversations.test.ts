import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pisync } from "../support/pisync.ts";
import { signal } from "../support/processes.ts";
import { createScene, DETACH, prompt, untilPiReady } from "./pi-scene.ts";

describe("a conversation that pi had without pisync", () => {
  it("is listed under its directory, and brought back by its id with its history", async () => {
    await using scene = await createScene();
    const found = await scene.leftBehind("hello from plain pi");
    expect(found).toMatchObject({
      kind: "resumable",
      agent: "pi",
      title: "hello from plain pi",
      titleSource: "first-message",
      cwd: scene.world.work,
      messages: 2,
      views: 0,
    });
    expect(found).not.toHaveProperty("generation");
    expect(await scene.ok("list")).toMatch(new RegExp(`^${scene.world.work} \\(here\\)\n  ○ ${found.id}  hello from`));

    const conversation = found.conversation?.id ?? "";
    const view = scene.terminal(["resume", conversation.slice(0, 13)], { cwd: scene.world.home });
    await view.waitForScreen("Echo reply to: hello from plain pi");
    const live = await scene.live(({ attribution }) => attribution?.evidence === "extension");
    expect(live).toMatchObject({ id: found.id, cwd: scene.world.work, conversation: { id: conversation } });
    expect(await scene.sessions()).toHaveLength(1);
  });

  it("is given a name before it was ever resumed, and pi has that name then", async () => {
    await using scene = await createScene();
    const { id } = await scene.leftBehind("nameless");
    expect(await scene.ok("rename", id, "Well named")).toBe(`${id} is now: Well named`);
    expect(await scene.session(id)).toMatchObject({ kind: "resumable", title: "Well named", titleSource: "name" });
    const view = scene.terminal(["resume", id]);
    await view.waitForScreen("Well named");
    expect(await scene.live()).toMatchObject({ id, title: "Well named" });
  });

  it("whose directory is gone is refused before anything starts, with what to do", async () => {
    await using scene = await createScene();
    const gone = join(scene.world.work, "gone");
    await mkdir(gone);
    const { id } = await scene.leftBehindIn(gone, "from a directory");
    await rm(gone, { recursive: true });
    const resumed = await pisync(scene.world, ["resume", "-d", id]);
    expect(resumed).toMatchObject({ exitCode: 1, stdout: "" });
    expect(resumed.stderr).toMatch(new RegExp(`^pisync: .*${gone}.*\n  \\S`));
    expect(await scene.session(id)).toMatchObject({ kind: "resumable" });
  });

  it("that was cut off in a run is interrupted", async () => {
    await using scene = await createScene();
    const pi = scene.plainPi(["before it"]);
    await pi.waitForScreen("Echo reply to: before it");
    await prompt(pi, "slow:200");
    await scene.until(({ kind, status }) => kind === "external" && status?.state === "working");
    signal(pi.pid, "SIGKILL");
    const { id } = await scene.until(({ kind, status }) => kind === "resumable" && status?.state === "interrupted");
    expect(await scene.ok("list")).toMatch(new RegExp(`◐ ${id}  before it  interrupted`));
  });
});

describe("a session without the extension", () => {
  const env = { PISYNC_NO_EXTENSION: "1" };

  it("gets its conversation by comparing texts, follows it, and can be resumed after its end", async () => {
    await using scene = await createScene();
    await scene.leftBehind("somebody else's words");
    const view = scene.terminal(["pi"], { env });
    await untilPiReady(view);
    await prompt(view, "words of my own");
    await view.waitForScreen("Echo reply to: words of my own");
    const { id, conversation, attribution } = await scene.live(({ title }) => title === "words of my own");
    expect(attribution?.evidence).toMatch(/^(content|only-candidate)$/);
    expect(await scene.live(({ status }) => status?.state === "idle")).toMatchObject({ id });
    await scene.ok("kill", id);
    await view.exit;
    expect(await scene.session(id)).toMatchObject({ kind: "resumable", conversation: { id: conversation?.id } });
    const again = scene.terminal(["resume", id], { env });
    await again.waitForScreen("Echo reply to: words of my own");
  });
});

describe("a name given in pi", () => {
  it("shows in the list at once", async () => {
    await using scene = await createScene();
    const view = scene.terminal(["pi"]);
    await untilPiReady(view);
    await prompt(view, "/name Given in pi");
    const { id } = await scene.live(({ title, titleSource }) => title === "Given in pi" && titleSource === "name");
    view.send(DETACH);
    await view.exit;
    expect(await scene.ok("list")).toMatch(new RegExp(`• ${id}  Given in pi  idle`));
  });
});

describe("the list", () => {
  it("has one entry for each conversation, and the live one wins", async () => {
    await using scene = await createScene();
    const { id, conversation } = await scene.leftBehind("only once");
    await scene.ok("pi", "-d", "--session", conversation?.id ?? "");
    await scene.live(({ attribution }) => attribution?.evidence === "extension");
    expect(await scene.sessions()).toMatchObject([{ id, kind: "live" }]);
  });

  it("shows a few conversations of each directory, says how many more there are, and all of one on request", async () => {
    await using scene = await createScene();
    const { writeConversation } = await import("../fixtures/pi/conversation-files.ts");
    const elsewhere = join(scene.world.root, "elsewhere");
    for (let n = 0; n < 30; n++) {
      const id = `0196f0aa-0000-7000-8000-${String(n).padStart(12, "0")}`;
      const file = join(
        scene.world.agentDirectory,
        "sessions",
        "--elsewhere--",
        `2026-01-01T00-00-00-000Z_${id}.jsonl`,
      );
      await writeConversation(file, { id, cwd: elsewhere, text: `number ${n}`, age: n });
    }
    const { stdout, stderr } = await pisync(scene.world, ["list"]);
    expect(stdout.split("\n").slice(0, 2)).toEqual([
      `${elsewhere}  … 25 more`,
      expect.stringMatching(/^  . \w{8}  number 0  /),
    ]);
    expect(stdout).toContain("number 4");
    expect(stdout).not.toContain("number 5");
    expect(stderr).toMatch(/25 more that ended:\n  pisync list --all .*\n  pisync list --cwd/);
    expect((await scene.ok("list", "--cwd", elsewhere)).split("\n")).toHaveLength(31);
    expect(await scene.sessions()).toHaveLength(30);
    expect(JSON.parse(await scene.ok("list", "--json"))).toMatchObject({ schemaVersion: 1, sessions: { length: 5 } });
  });
});
