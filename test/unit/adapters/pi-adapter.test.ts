import { chmod, mkdir, realpath, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createPiAdapter } from "../../../adapters/agents/pi/pi-adapter.ts";
import { sessionDirectory } from "../../../adapters/agents/pi/session-directory.ts";
import type { SessionRecord } from "../../../protocol/session.ts";
import { writeConversation } from "../../fixtures/pi/conversation-files.ts";
import { createWorld, type TemporaryWorld } from "../../support/temporary-world.ts";

const adapter = createPiAdapter();
const extensionPath = "/ext.mjs";
let world: TemporaryWorld;
let cwd: string;
let env: Record<string, string>;
let programs: string;
let stored: string;

beforeEach(async () => {
  world = await createWorld();
  cwd = await realpath(world.work);
  programs = join(world.root, "bin");
  await mkdir(programs);
  for (const name of ["pi", "npx", "env", "nix", "direnv", "wrapper"]) {
    await writeFile(join(programs, name), "#!/bin/sh\n");
    await chmod(join(programs, name), 0o755);
  }
  env = { ...world.env, PATH: programs };
  const directory = (await sessionDirectory({ cwd, env })).path;
  stored = await writeConversation(join(directory, "a.jsonl"), { id: "0190-stored", cwd });
});

afterEach(() => world.dispose());

const plan = (line: string, more: Record<string, string> = {}) =>
  adapter.plan({ argv: line.split(" "), cwd, env: { ...env, ...more }, extensionPath });

const record = (argv: string[], conversation: SessionRecord["conversation"]): SessionRecord => ({
  ...{ schemaVersion: 1, id: "abcdefgh", agent: "pi", generation: 1, createdAt: 0, updatedAt: 0 },
  ...{ argv, cwd, conversation },
});

describe("a launch", () => {
  test.each([
    ["pi", "-e /ext.mjs"],
    ["pi --model m hello", "-e /ext.mjs --model m hello"],
    ["npx -y pi hello", "-y pi -e /ext.mjs hello"],
    ["env A=1 npx pi", "A=1 npx pi -e /ext.mjs"],
    ["nix run nixpkgs#pi", "run nixpkgs#pi -- -e /ext.mjs"],
    ["nix run nixpkgs#pi -- hello", "run nixpkgs#pi -- -e /ext.mjs hello"],
    ["wrapper hello", "-e /ext.mjs hello"],
  ])("%s runs the extension", async (line, args) => {
    expect(await plan(line)).toEqual({
      file: join(programs, line.split(" ")[0] ?? ""),
      args: args.split(" "),
      cwd,
      conversationKeys: [],
      expectsExtension: true,
    });
  });

  test.each(["pi -p hello", "nix run nixpkgs#pi -- --version", "pi list"])("%s is left as typed", async (line) => {
    const planned = await plan(line);
    expect(planned).toMatchObject({ expectsExtension: false, degraded: { reason: "not-injected" } });
    expect(planned.args).toEqual(line.split(" ").slice(1));
  });

  test("the user can switch the extension off; the conversation is leased all the same", async () => {
    const planned = await plan("nix run nixpkgs#pi --", { PISYNC_NO_EXTENSION: "1" });
    expect(planned).toMatchObject({ expectsExtension: false, degraded: { reason: "switched-off" } });
    expect(planned.args).toEqual(["run", "nixpkgs#pi", "--"]);
    expect(await plan("pi -c", { PISYNC_NO_EXTENSION: "1" })).toMatchObject({ conversationKeys: ["id:0190-stored"] });
  });

  test("a program that is not there is refused", async () => {
    await expect(plan("/nowhere/pi")).rejects.toMatchObject({ code: "program-not-found" });
  });
});

describe("the conversation", () => {
  test.each(["pi -c --model m", "pi --session 0190-stored --model m", "pi --session 0190 --model m"])(
    "%s opens what is leased",
    async (line) => {
      const planned = await plan(line);
      expect(planned.args).toEqual(["-e", "/ext.mjs", "--session", stored, "--model", "m"]);
      expect(planned).toMatchObject({
        conversationKeys: ["id:0190-stored"],
        conversation: { id: "0190-stored", path: stored },
      });
    },
  );

  test("--session-id stays as typed and is leased, stored or not", async () => {
    const planned = await plan("pi --session-id 0190-stored");
    expect(planned.args).toEqual(["-e", "/ext.mjs", "--session-id", "0190-stored"]);
    expect(planned.conversation).toEqual({ id: "0190-stored", path: stored });
    expect(await plan("pi --session-id new")).toMatchObject({ conversationKeys: ["id:new"] });
  });

  test("a path without a file is leased, and opened, by its real path", async () => {
    await symlink(cwd, join(cwd, "link"));
    const planned = await plan("pi --session ./link/new.jsonl");
    expect(planned).toMatchObject({ conversationKeys: [`path:${cwd}/new.jsonl`] });
    expect(planned.args).toEqual(["-e", "/ext.mjs", "--session", join(cwd, "new.jsonl")]);
  });

  test.each(["pi -r", "pi --fork 0190-stored", "pi -c --no-session", "pi --session other"])(
    "%s leases nothing and is left to pi",
    async (line) => {
      const planned = await plan(line);
      expect(planned).toMatchObject({ conversationKeys: [] });
      expect(planned.args).toEqual(["-e", "/ext.mjs", ...line.split(" ").slice(1)]);
    },
  );

  test("-c onto a conversation of another directory is leased, but pi continues it here", async () => {
    const shadow = (await sessionDirectory({ cwd, env })).path;
    await writeConversation(join(shadow, "b.jsonl"), { id: "other", cwd: "/other", age: -1 });
    const planned = await plan("pi -c");
    expect(planned.conversationKeys).toEqual(["id:other"]);
    expect(planned.args).toEqual(["-e", "/ext.mjs", "-c"]);
  });

  test("an environment set on the command line is looked through; one that is hidden is left to pi", async () => {
    const elsewhere = join(world.root, "elsewhere");
    const there = { cwd, env: { ...env, PI_CODING_AGENT_DIR: elsewhere } };
    await writeConversation(join((await sessionDirectory(there)).path, "x.jsonl"), { id: "there", cwd });
    expect(await plan(`env PI_CODING_AGENT_DIR=${elsewhere} pi -c`)).toMatchObject({ conversationKeys: ["id:there"] });
    const hidden = await plan("direnv exec . pi -c");
    expect(hidden).toMatchObject({ conversationKeys: [], args: ["exec", ".", "pi", "-e", "/ext.mjs", "-c"] });
  });
});

describe("a resume", () => {
  const resume = (line: string, conversation: SessionRecord["conversation"], promptsWait = false) =>
    adapter.planResume(record(line.split(" "), conversation), { env, extensionPath, promptsWait });

  test.each([
    ["pi", "-e /ext.mjs --session PATH"],
    ["npx pi -c hello", "pi -e /ext.mjs --session PATH"],
    ["pi --model m -e mine.ts @file hello --session old", "-e /ext.mjs --session PATH --model m -e mine.ts"],
    ["pi --fork x -n name --flag value -- -c", "-e /ext.mjs --session PATH --flag value"],
    ["nix run nixpkgs#pi", "run nixpkgs#pi -- -e /ext.mjs --session PATH"],
    ["direnv exec . pi -r", "exec . pi -e /ext.mjs --session PATH"],
  ])("%s keeps wrapper and options, not what was said", async (line, args) => {
    const planned = await resume(line, { id: "0190-stored", path: stored });
    expect(planned.args.join(" ")).toBe(args.replace("PATH", stored));
    expect(planned).toMatchObject({ conversationKeys: ["id:0190-stored"], expectsExtension: true });
  });

  test("a conversation whose file has moved is found by its id", async () => {
    const planned = await resume("pi", { id: "0190-stored", path: "/gone.jsonl" });
    expect(planned.args).toEqual(["-e", "/ext.mjs", "--session", stored]);
  });

  test("a path that holds another conversation by now is not opened", async () => {
    await expect(resume("pi", { id: "vanished", path: stored })).rejects.toMatchObject({ code: "nothing-to-resume" });
  });

  test("without a saved conversation there is nothing to resume", async () => {
    await expect(resume("pi", undefined)).rejects.toMatchObject({ code: "nothing-to-resume" });
    await expect(resume("pi", { id: "ephemeral" })).rejects.toMatchObject({ code: "nothing-to-resume" });
  });

  test("without a saved conversation pi is started anew when prompts wait for it", async () => {
    const planned = await resume("pi --model m --no-session --fork x hello", { id: "lost", path: "/lost.jsonl" }, true);
    expect(planned.args).toEqual(["-e", "/ext.mjs", "--model", "m", "--no-session"]);
    expect(planned).toMatchObject({ conversationKeys: [] });
    expect(planned.conversation).toBeUndefined();
  });
});

test.each([
  ["pi", {}, "sessions", 1],
  ["pi --session-dir there", {}, "work/there", 0],
  ["pi", { PI_CODING_AGENT_SESSION_DIR: "/elsewhere" }, "/elsewhere", 0],
  ["env PI_CODING_AGENT_SESSION_DIR=/elsewhere pi", {}, "/elsewhere", 0],
])("%s with %o keeps its conversations in %s", async (line, more, path, depth) => {
  const roots = await adapter.conversationRoots({ argv: line.split(" "), cwd, env: { ...env, ...more } });
  expect(roots).toEqual([{ path: resolve(path === "sessions" ? world.agentDirectory : world.root, path), depth }]);
});

test("where a pi behind a shell's environment keeps its conversations is not guessed", async () => {
  expect(await adapter.conversationRoots({ argv: ["env", "-i", "pi"], cwd, env })).toEqual([]);
});
