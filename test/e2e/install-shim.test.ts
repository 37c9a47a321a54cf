import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { listedSessions } from "../support/listed-sessions.ts";
import { pisync } from "../support/pisync.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { Terminal } from "../support/terminal.ts";
import { waitFor } from "../support/wait-for.ts";

const HOSTILE = "a b'c\"d$HOME`id`#(x)\\&;|!é";

let world: TemporaryWorld;
/** Holds the words that the real pi was given, one behind the other with a NUL each, and its PATH. */
let said: string;
let shimFolder: string;

beforeEach(async () => {
  world = await createWorld();
  said = join(world.work, "said");
  const bin = join(world.work, "bin");
  await mkdir(bin);
  const pi = `#!/bin/sh\nprintf '%s\\0' "$@" "$PATH" >'${said}.new'; mv '${said}.new' '${said}'\necho the-real-pi; if [ -n "$PISYNC_HOST_SOCKET" ]; then exec cat; fi\n`;
  await writeFile(join(bin, "pi"), pi, { mode: 0o755 });
  world.env.PATH = [bin, world.env.PATH].join(delimiter);
  world.env.SHELL = "/bin/bash";
  world.env.PISYNC_NO_EXTENSION = "1";
  shimFolder = join(world.home, ".local", "share", "pisync", "bin");
});
afterEach(() => world.dispose());

async function install(): Promise<void> {
  const { exitCode, stderr } = await pisync(world, ["install", "shim"]);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
}

/** What the real pi was given, once it was started. */
async function given(): Promise<{ args: string[]; path: string }> {
  const words = (await waitFor("the real pi", () => readFile(said, "utf8").catch(() => ""))).split("\0").slice(0, -1);
  return { args: words.slice(0, -1), path: words.at(-1) ?? "" };
}

/** Everything in the home directory: files with their bytes. */
async function contents(folder = world.home): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const read = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    return [path, entry.isFile() ? await readFile(path, "latin1") : ""] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

/** An interactive shell, in which pi can be typed. */
function shell(): Terminal {
  return new Terminal({ argv: ["bash", "-i"], cwd: world.work, env: world.env });
}

const WORDS = ["a b", "it's", '"q"', "l1\nl2", "", "$HOME `id` \\", "-d", "--", "*", "é"];
const TYPED = String.raw`'a b' "it's" '"q"' $'l1\nl2' '' '$HOME ${"`id`"} \' -d -- '*' é`;

describe("pi, typed on a terminal", () => {
  it.each([
    ["words", [], WORDS],
    ["an option of pi's that pisync has, too", ["--name", "mine"], ["--name", "mine", ...WORDS]],
    ["-d", ["-d"], ["-d", ...WORDS]],
  ])("is a session of pisync's, with %s as they are", async (_, first, wanted) => {
    await install();
    await using terminal = shell();
    terminal.send(`pi ${first.join(" ")} ${TYPED}\r`);
    expect((await given()).args).toEqual(wanted);
    await terminal.waitForScreen("the-real-pi");
    // The daemon hears of a view behind its terminal.
    const viewed = async () => {
      const sessions = await listedSessions(world);
      return sessions[0]?.views === 1 ? sessions : undefined;
    };
    expect(await waitFor("the view", viewed)).toMatchObject([{ kind: "live", agent: "pi" }]);
    expect((await given()).path).not.toContain(shimFolder);
  });

  it("is the real one for what opens no session, inside a session, and without a terminal", async () => {
    await install();
    await using terminal = shell();
    for (const typed of ["pi --version", "PISYNC_SESSION=x pi a", "pi a </dev/null", "pi a | cat"]) {
      terminal.send(`${typed}; echo end-$?\r`);
      await terminal.waitForScreen(/the-real-pi/);
      await terminal.waitForScreen("end-0");
      terminal.send("\u000c");
      await terminal.waitForScreen((screen) => !screen.includes("end-0"));
    }
    expect(await readdir(world.stateDirectory).catch(() => [])).not.toContain("sessions");
  });

  it("is the real one when pisync is gone", async () => {
    await install();
    const script = join(shimFolder, "pi");
    await writeFile(script, (await readFile(script, "utf8")).replace(/^pisync='/m, "pisync='/gone"));
    await using terminal = shell();
    terminal.send("pi a\r");
    await terminal.waitForScreen("the-real-pi");
    expect((await given()).args).toEqual(["a"]);
  });
});

describe("the script", () => {
  /** Runs it without a terminal, where it is the real pi; `PATH` has `…` for the usual one. */
  async function run(PATH: string) {
    const env = { ...world.env, PATH: PATH.replace("…", world.env.PATH ?? "") };
    return execa("pi", ["a"], { env, extendEnv: false, cwd: world.work, reject: false, stdin: "ignore" });
  }

  it.each(["dash", "bash"])("finds the real pi wherever its own directory is on PATH, run by %s", async (sh) => {
    await install();
    const file = await execa("sh", ["-c", `command -v ${sh}`]);
    const script = join(shimFolder, "pi");
    await writeFile(script, (await readFile(script, "utf8")).replace("#!/bin/sh", `#!${file.stdout}`), { mode: 0o755 });
    await symlink(shimFolder, join(world.work, "linked"));
    await mkdir(join(world.work, "links"));
    await symlink(script, join(world.work, "links", "pi"));
    const usual = world.env.PATH;
    for (const PATH of [
      `${shimFolder}:…`,
      `${shimFolder}:${shimFolder}/:…:${shimFolder}`,
      `${world.work}/linked:${shimFolder}:…`,
      `linked:links:…`,
      `${world.work}/links:${shimFolder}:…`,
    ]) {
      expect({ PATH, ...(await run(PATH)) }).toMatchObject({ PATH, exitCode: 0, stdout: "the-real-pi" });
      expect(await given()).toEqual({ args: ["a"], path: usual });
    }
    await run(`${shimFolder}::…:`);
    expect((await given()).path).toBe(`:${usual}:`);
  });

  it("says what to do where there is no other pi", async () => {
    await install();
    const { exitCode, stderr } = await run(`${shimFolder}:/usr/bin:/bin`);
    expect(exitCode).toBe(127);
    expect(stderr).toMatch(
      /^pisync: There is no pi on your PATH but the shim .*\n {2}Install it with: npm install -g /,
    );
  });
});

describe("installing", () => {
  it.each([
    ["bash", ".bashrc", "alias a=b"],
    ["zsh", ".zshrc", "# ends\n"],
    ["fish", ".config/fish/config.fish", "set x y\n"],
    ["ksh", ".kshrc", "x=1\n"],
  ])("leaves nothing in the home of a user of %s after uninstall", async (name, file, text) => {
    world.env.SHELL = `/somewhere/${name}`;
    const path = join(world.home, file);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, text);
    const before = await contents();
    const { stderr } = await pisync(world, ["install", "shim"]);
    expect(stderr).toContain(join(shimFolder, "pi"));
    if (name === "ksh") expect(stderr).toContain(`export PATH='${shimFolder}':"$PATH"`);
    expect(await contents()).not.toEqual(before);
    expect((await pisync(world, ["install", "shim"])).stdout).toContain("up to date");
    // Whatever shell the user has by then.
    world.env.SHELL = "/bin/sh";
    expect((await pisync(world, ["uninstall", "shim"])).exitCode).toBe(0);
    expect(await contents()).toEqual(before);
  });

  it("leaves a pi of the user's alone", async () => {
    await mkdir(shimFolder, { recursive: true });
    await writeFile(join(shimFolder, "pi"), "mine");
    const { exitCode, stderr } = await pisync(world, ["install", "shim"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("was not put there by pisync");
    expect(Object.keys(await contents())).not.toContain(join(world.home, ".bashrc"));
  });
});

test.for(["bash", "zsh", "fish"])("%s finds it first, in a home of any characters", async (name, { skip }) => {
  const home = join(world.root, HOSTILE);
  await mkdir(home);
  world.env.HOME = home;
  const found = await execa("sh", ["-c", `command -v ${name}`], { env: world.env, extendEnv: false, reject: false });
  if (found.exitCode !== 0) skip(`there is no ${name}`);
  world.env.SHELL = found.stdout;
  await install();
  const script = join(home, ".local", "share", "pisync", "bin", "pi");
  for (const PATH of [world.env.PATH ?? "", `${world.env.PATH}:${join(script, "..")}`]) {
    const env = { ...world.env, PATH };
    const { stdout } = await execa(name, ["-i", "-c", "command -v pi"], { env, extendEnv: false, cwd: world.work });
    expect(stdout.split("\n").at(-1)).toBe(script);
  }
  const { stdout } = await execa(name, ["-i", "-c", "pi a"], { env: world.env, extendEnv: false, cwd: world.work });
  expect(stdout).toContain("the-real-pi");
  expect(await readdir(home)).not.toContain("ran");
});
