import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { PISYNC, pisync } from "../support/pisync.ts";
import { createWorld } from "../support/temporary-world.ts";
import { createScene, DETACH, prompt, untilPiReady } from "./pi-scene.ts";

describe("pi in a session", () => {
  it("is started with -d, listed, renamed, killed, and resumed under the same id with its history", async () => {
    await using scene = await createScene();
    const started = await scene.startPi();
    const { id } = started;
    expect(started).toMatchObject({
      kind: "live",
      agent: "pi",
      title: "pi",
      titleSource: "command",
      views: 0,
      generation: 1,
    });
    expect(started.attribution).toEqual({ evidence: "extension" });
    expect(started.degraded).toBeUndefined();

    const view = scene.terminal(["attach", id]);
    await untilPiReady(view);
    await prompt(view, "remember me");
    await view.waitForScreen("Echo reply to: remember me");
    view.send(DETACH);
    await view.exit;

    expect(await scene.ok("rename", id, "a new name")).toBe(`${id} is now: a new name`);
    await scene.untilSession(id, ({ title, titleSource }) => title === "a new name" && titleSource === "name");
    expect(await scene.ok("list")).toContain("a new name");

    expect(await scene.ok("kill", id)).toContain(`pisync resume ${id}`);
    const ended = await scene.session(id);
    expect(ended).toMatchObject({
      kind: "resumable",
      ending: { cause: "killed" },
      conversation: { id: started.conversation?.id },
    });

    const again = scene.terminal(["resume", id]);
    await again.waitForScreen("Echo reply to: remember me");
    const resumed = await scene.untilSession(id, ({ conversation }) => conversation !== undefined);
    expect(resumed).toMatchObject({ kind: "live", generation: 2, conversation: { id: started.conversation?.id } });
  });

  it("says nothing of a resume when it never got a message", async () => {
    await using scene = await createScene();
    const { id } = await scene.startPi();
    expect(await scene.ok("kill")).toBe(`${id} (pi) has ended.`);
    expect((await pisync(scene.world, ["resume", "-d", id])).exitCode).toBe(1);
  });

  it("is resumed without a target when it is the only conversation that ended", async () => {
    await using scene = await createScene();
    const none = await pisync(scene.world, ["resume", "-d"]);
    expect(none).toMatchObject({ exitCode: 3, stdout: "" });
    const ids: string[] = [];
    for (const text of ["one", "two"]) {
      const view = scene.terminal(["pi", text]);
      await view.waitForScreen(`Echo reply to: ${text}`);
      const { id } = await scene.live(({ status }) => status?.state === "idle");
      await scene.ok("kill", id);
      await view.exit;
      ids.push(id);
    }
    const [one = "", two = ""] = ids;
    const several = await pisync(scene.world, ["resume", "-d"]);
    expect(several).toMatchObject({ exitCode: 3, stdout: "" });
    expect(several.stderr).toMatch(new RegExp(`^ +${two}  two  .*\n +${one}  one  `, "m"));
    await scene.ok("resume", "-d", one);
    expect(await scene.ok("resume", "-d")).toBe(two);
  });

  it("has the name it was started with", async () => {
    await using scene = await createScene();
    const { id } = await scene.startPi("--name", "asked for");
    expect(await scene.session(id)).toMatchObject({ title: "asked for", titleSource: "name" });
  });

  it("is recognised behind other commands, and other commands are not pi", async () => {
    await using scene = await createScene();
    const view = scene.terminal(["env", "A=1", "pi"]);
    await untilPiReady(view);
    expect(await scene.live()).toMatchObject({ agent: "pi" });
    await scene.ok("kill");
    await view.exit;
    await scene.ok("run", "-d", "--", "sh", "-c", "echo 'not pi'; cat");
    expect(await scene.live()).toMatchObject({ agent: "command" });
  });

  it("runs without the extension when that is switched off, and the list says so", async () => {
    await using scene = await createScene();
    const view = scene.terminal(["pi"], { env: { PISYNC_NO_EXTENSION: "1" } });
    await untilPiReady(view);
    expect(await scene.live()).toMatchObject({ degraded: { reason: "switched-off" } });
    expect(await scene.ok("list")).toContain("degraded: extension switched off");
  });
});

describe("targets", () => {
  it("are found by id, prefix and filters, and otherwise refused with exit code 3", async () => {
    await using scene = await createScene();
    const one = await scene.ok("run", "-d", "--name", "the first", "--", "cat");
    expect(await scene.ok("rename", "the only one")).toContain(one);
    const two = await scene.ok("run", "-d", "--name", "the second", "--", "cat");
    expect(await scene.ok("rename", "--name", "second", "renamed")).toContain(two);
    const { pid } = await scene.session(one);
    expect(await scene.ok("rename", "--pid", String(pid), "by pid")).toContain(one);
    expect(await scene.ok("rename", one.slice(0, 7), "by", "prefix", "and", "words")).toContain(one);
    expect(await scene.session(one)).toMatchObject({ title: "by prefix and words" });

    const refusal = async (...args: string[]) => {
      const { exitCode, stdout, stderr } = await pisync(scene.world, args);
      expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: "" });
      return stderr;
    };
    expect(await refusal("kill", "nothing-is-called-this")).toMatch(
      /^pisync: There is no session .*\n {2}.*pisync list$/,
    );
    const ambiguous = await refusal("kill", "--cwd", scene.world.work);
    for (const id of [one, two]) expect(ambiguous).toMatch(new RegExp(`^ +${id}  \\S.*  ${scene.world.work}$`, "m"));
    await scene.ok("kill", one);
    expect(await refusal("kill", one)).toContain(`pisync resume ${one}`);
    await scene.ok("kill");
    expect(await refusal("kill")).toContain("no live session");
  });

  it("mean the session around them, which cannot be attached to itself", async () => {
    await using scene = await createScene();
    const script = `"${process.execPath}" "$0" rename inside; "${process.execPath}" "$0" attach; echo code $?; cat`;
    await scene.ok("run", "-d", "--", "cat");
    const view = scene.terminal(["run", "--", "sh", "-c", script, PISYNC]);
    const screen = await view.waitForScreen("code 1");
    expect(screen).toMatch(/is now: inside/);
    expect(screen).toMatch(/This terminal is inside session \w{8} already/);
  });
});

it("means the live one of those that a target fits, and with resume the one that has ended", async () => {
  await using scene = await createScene();
  const ended = await scene.ok("run", "-d", "--", "cat");
  await scene.ok("kill", ended);
  const live = await scene.ok("run", "-d", "--", "cat");
  for (const verb of ["state", "explain", "rename", "wait --timeout 0.1"]) {
    const [name = "", ...options] = verb.split(" ");
    const words = name === "rename" ? ["Named"] : [];
    const { stdout, stderr } = await pisync(scene.world, [name, ...options, "--cwd", scene.world.work, ...words]);
    const output = stdout + stderr;
    expect({ verb, live: output.includes(live), ended: output.includes(ended) }).toEqual({
      verb,
      live: true,
      ended: false,
    });
  }
  const here = ["--cwd", scene.world.work];
  const { stderr, exitCode } = await pisync(scene.world, ["resume", ...here]);
  expect({ stderr, exitCode }).toEqual({
    stderr: expect.stringMatching(
      new RegExp(`^pisync: A view needs a terminal .*\n {2}.* --detach ${ended}$`),
    ) as string,
    exitCode: 1,
  });
  expect(await scene.ok("resume", "-d", ...here)).toBe(ended);
  expect((await pisync(scene.world, ["state", ...here])).exitCode).toBe(3);
});

describe("without a terminal", () => {
  it.each([
    [["attach"], "not-a-terminal"],
    [["run", "--", "cat"], "pisync run --detach"],
  ])("%j says what to do instead", async (args) => {
    await using world = await createWorld();
    const { exitCode, stdout, stderr } = await pisync(world, args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(/^pisync: A view needs a terminal .*\n {2}\S/);
  });
});

describe("wrong use", () => {
  it.each([
    [["lsit"], "Did you mean list"],
    [["help", "lsit"], "Did you mean list"],
    [["install", "tmxu"], "Did you mean tmux"],
    [["attach", "--nonsense"], "pisync attach --help"],
    [["attach", "a", "b"], "pisync attach --help"],
    [["kill", "--pid", "x"], "--pid"],
    [["rename"], "'NAME'"],
    [["run"], "'CMD'"],
    [["pi", "-d", "-p", "hello"], "--detach"],
    [["pi", "-d", "--name", ""], "A name has 1 to 1000 characters."],
    [["run", "--name", " ", "--", "cat"], "A name has 1 to 1000 characters."],
    [["rename", ""], "A name has 1 to 1000 characters."],
    [["emit", "--as", "", "tests are green"], "A name has 1 to 64 characters."],
    [["daemon", "nonsense"], "pisync daemon --help"],
    [["history", "--limit", "abc"], 'The value of --limit, "abc", is not a number from 1 to 500.'],
    [["history", "--since", "soon"], "--since 2h"],
    [["history", "--event", "run"], "Did you mean run_start"],
    [["stream", "--event", "emit,mesage_end"], "Did you mean message_end"],
    [["stream", "--event", "bogus"], "pisync history --help"],
  ])("%j exits with 2 and a next step", async (args, hint) => {
    await using world = await createWorld();
    const { exitCode, stdout, stderr } = await pisync(world, args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(hint);
    expect(stderr.split("\n")).toHaveLength(2);
  });

  it("of a dumb terminal is refused", async () => {
    await using scene = await createScene();
    const view = scene.terminal(["attach"], { env: { TERM: "dumb" } });
    expect((await view.exit).exitCode).toBe(1);
    expect(view.screenText()).toContain("terminal of type dumb");
  });
});

describe("the daemon's commands", () => {
  it("start, describe, stop and restart it, and sessions go on", async () => {
    await using scene = await createScene();
    expect(await pisync(scene.world, ["daemon", "status"])).toMatchObject({ exitCode: 1 });
    expect(await scene.ok("daemon", "stop")).toBe("No daemon was running.");
    expect(await scene.ok("daemon", "start")).toMatch(/runs as process \d+/);
    const id = await scene.ok("run", "-d", "--", "cat");
    expect(await scene.ok("daemon", "status")).toMatch(/live sessions +1/);
    expect(JSON.parse(await scene.ok("daemon", "status", "--json"))).toMatchObject({
      schemaVersion: 1,
      running: true,
      liveSessions: 1,
    });
    await scene.ok("daemon", "restart");
    expect((await scene.live()).id).toBe(id);
    await scene.ok("daemon", "stop");
    expect(await pisync(scene.world, ["daemon", "status", "--json"])).toMatchObject({
      exitCode: 1,
      stdout: '{"schemaVersion":1,"running":false}',
    });
    expect((await scene.ok("daemon", "logs", "-n", "3")).split("\n").length).toBeLessThanOrEqual(3);
  });
});

describe("the doctor", () => {
  const examined = async (env: Record<string, string>) => {
    await using world = await createWorld();
    await writeFile(join(world.root, "file"), "");
    await mkdir(join(world.home, ".config", "pisync"), { recursive: true });
    await writeFile(join(world.home, ".config", "pisync", "config.json"), '{"keys":{"kill":["hyper-x"]}}');
    const variables = Object.entries(env).map(([name, value]) => [name, value.replace("ROOT", world.root)] as const);
    const { exitCode, stdout } = await pisync(world, ["doctor"], { env: Object.fromEntries(variables) });
    expect(exitCode).toBe(1);
    return stdout;
  };

  it.each([
    ["that is relative", "state", "not an absolute path"],
    ["that is a file", "ROOT/file", "is not a directory"],
    ["below a file", "ROOT/file/state", "is not a directory"],
  ])("of a state directory %s says so once, and checks nothing that depends on it", async (_, directory, words) => {
    const report = await examined({ PISYNC_STATE_DIR: directory });
    expect(report).toMatch(new RegExp(`^✗ state directory +.*${words}.*\n +\\S`, "m"));
    for (const subject of ["sockets", "daemon", "launching", "conversations"])
      expect(report).toMatch(new RegExp(`^- ${subject} +not checked$`, "m"));
    expect(report).not.toMatch(/ENOTDIR|ENOENT/);
    expect(report).toMatch(/^✓ node-pty/m);
    expect(report).toMatch(/^✗ configuration +.*"hyper-x", which is no key\.\n +Keys are called/m);
  });
});

describe("pisync alone, help and doctor", () => {
  it("say what there is and what one can do", async () => {
    await using scene = await createScene();
    expect(await scene.ok()).toMatch(/No session is live[^]*pisync pi/);
    const id = await scene.ok("run", "-d", "--name", "my server", "--", "cat");
    expect(await scene.ok()).toMatch(new RegExp(`my server[^]*pisync attach ${id}`));
    expect(await scene.ok("--help")).toMatch(/Examples:[^]*Environment:[^]*Files:[^]*Exit codes:/);
    expect(await scene.ok("help", "pi")).toContain("--detach");
    expect(await scene.ok("--version")).toMatch(/^\d+\.\d+\.\d+/);
    const report = JSON.parse(await scene.ok("doctor", "--json")) as {
      healthy: boolean;
      findings: { subject: string; verdict: string }[];
    };
    expect(report.healthy).toBe(true);
    for (const looked of ["node-pty", "launching", "conversations"]) {
      expect(report.findings.find(({ subject }) => subject === looked)).toMatchObject({ verdict: "ok" });
    }
  });

  it("no colour reaches a pipe, and a reader may go away", async () => {
    await using scene = await createScene();
    await scene.ok("run", "-d", "--", "cat");
    expect(await scene.ok("list")).not.toMatch(/\x1b/);
    const { stderr } = await execa("sh", ["-c", '"$0" "$1" list | head -c 1', process.execPath, PISYNC], {
      env: scene.world.env,
      extendEnv: false,
    });
    expect(stderr).toBe("");
  });
});
