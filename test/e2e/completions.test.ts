import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PISYNC, pisync } from "../support/pisync.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { Terminal } from "../support/terminal.ts";
import { waitFor } from "../support/wait-for.ts";

/** Titles that would run something in a shell that expands them. */
const TITLES = [
  "$(touch ran) x",
  "`touch ran`",
  "a'; touch ran; 'b",
  'c" "$HOME',
  "\u001b]2;ran\u0007e\nf",
  "%F{red}\\:g",
];

let world: TemporaryWorld;
let ids: string[];

beforeEach(async () => {
  world = await createWorld();
  const bin = join(world.work, "bin");
  await mkdir(bin);
  await writeFile(join(bin, "pisync"), `#!/bin/sh\nexec '${process.execPath}' '${PISYNC}' "$@"\n`, { mode: 0o755 });
  world.env.PATH = [bin, world.env.PATH].join(delimiter);
  ids = [];
});
afterEach(() => world.dispose());

async function startSessions(): Promise<void> {
  for (const title of TITLES) {
    ids.push((await pisync(world, ["run", "-d", "--name", title, "--", "cat"])).stdout);
  }
}

type Shell = "bash" | "zsh" | "fish";

/** Installs the completion for this shell; false where there is none. */
async function installFor(name: Shell): Promise<boolean> {
  const { env } = world;
  const { stdout, exitCode } = await execa("sh", ["-c", `command -v ${name}`], {
    env,
    extendEnv: false,
    reject: false,
  });
  if (exitCode !== 0) return false;
  env.SHELL = stdout;
  await writeFile(join(world.home, ".bashrc"), "PS1='ready> '\n");
  await writeFile(join(world.home, ".zshrc"), "PROMPT='ready> '\n");
  const fish = join(world.home, ".config", "fish");
  await mkdir(fish, { recursive: true });
  await writeFile(
    join(fish, "config.fish"),
    "function fish_prompt; echo -n 'ready> '; end\nfunction fish_greeting; end\n",
  );
  expect(await pisync(world, ["install", "completions"])).toMatchObject({ exitCode: 0 });
  return true;
}

/** A shell in which this was typed. */
async function typed(name: Shell, text: string): Promise<Terminal> {
  const terminal = new Terminal({ argv: [name, "-i"], cwd: world.work, env: world.env, cols: 120 });
  await terminal.waitForScreen("ready>");
  terminal.send(text);
  return terminal;
}

test.for(["bash", "zsh", "fish"] as const)(
  "%s completes sessions, and runs nothing of their titles",
  async (name, { skip }) => {
    if (!(await installFor(name))) return skip(`there is no ${name}`);
    await startSessions();
    {
      await using terminal = await typed(name, "pisync attach \t\t");
      for (const id of ids) await terminal.waitForScreen(id);
      for (const title of ["$(touch ran) x", "`touch ran`", "a'; touch ran; 'b", 'c" "$HOME', "e f"]) {
        await terminal.waitForScreen(title);
      }
      expect(terminal.output().toString()).not.toContain("\u001b]2;ran");
    }
    // As much of an id as no other one begins with.
    const [id = "", ...others] = ids;
    const end = [...id].findIndex((_, at) => !others.some((other) => other.startsWith(id.slice(0, at + 1))));
    await using terminal = await typed(name, `pisync explain ${id.slice(0, end + 1)}\t`);
    await terminal.waitForScreen(`pisync explain ${id}`);
    expect(await readdir(world.work)).toEqual(["bin"]);
    expect(await readdir(world.home)).not.toContain("ran");
  },
);

test.for(["bash", "zsh", "fish"] as const)(
  "%s completes commands, options and their values",
  async (name, { skip }) => {
    if (!(await installFor(name))) return skip(`there is no ${name}`);
    await mkdir(join(world.work, "a folder"));
    await writeFile(join(world.work, "a file"), "");
    for (const [text, wanted] of [
      ["pisync dem", "pisync demo"],
      ["pisync install sh", "pisync install shim"],
      ["pisync daemon resta", "pisync daemon restart"],
      ["pisync attach --read", "pisync attach --read-only"],
      ["pisync list --cwd a", "pisync list --cwd a\\ folder"],
      ["pisync pi -d a\\ fi", "pisync pi -d a\\ file"],
    ] as const) {
      await using terminal = await typed(name, `${text}\t`);
      await terminal.waitForScreen(wanted);
    }
    expect(await readdir(world.work)).toEqual(["a file", "a folder", "bin"]);
    expect(await readdir(world.root)).not.toContain("state");
  },
);

test("installing leaves nothing behind after uninstall, and prints what there is for other shells", async () => {
  for (const name of ["bash", "zsh", "fish"]) {
    const env = { SHELL: `/bin/${name}` };
    await writeFile(join(world.home, `.${name}rc`), "# mine");
    const before = await readdir(world.home, { recursive: true });
    expect((await pisync(world, ["install", "completions"], { env })).exitCode).toBe(0);
    expect((await pisync(world, ["install", "completions"], { env })).stdout).toContain("up to date");
    expect((await pisync(world, ["uninstall", "completions"])).stdout).toBe("The completion is gone.");
    expect(await readdir(world.home, { recursive: true })).toEqual(before);
    expect(await readFile(join(world.home, `.${name}rc`), "utf8")).toBe("# mine");
  }
  const refused = await pisync(world, ["install", "completions"], { env: { SHELL: "/bin/ksh" } });
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining("pisync completions bash")]);
});

test("asking for candidates starts no daemon, and says nothing without one", async () => {
  expect(await pisync(world, ["complete", "attach"])).toEqual({ stdout: "", stderr: "", exitCode: 0 });
  expect(await readdir(world.root)).not.toContain("state");
  await startSessions();
  const { stdout } = await pisync(world, ["complete", "resume"]);
  expect(stdout).toBe("");
  await pisync(world, ["kill", ids[0] ?? ""]);
  await waitFor("it to be resumable", async () => {
    return (await pisync(world, ["complete", "resume"])).stdout === `${ids[0]}\t$(touch ran) x`;
  });
});
