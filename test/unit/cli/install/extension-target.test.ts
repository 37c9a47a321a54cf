import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { extensionTarget, installedExtension } from "../../../../cli/install/extension-target.ts";
import type { InstallTarget } from "../../../../cli/install/install-target.ts";
import { inspectOwnFile } from "../../../../cli/install/own-file.ts";
import { distFile, PACKAGE_VERSION } from "../../../../runtime/version.ts";
import { createWorld, type TemporaryWorld } from "../../../support/temporary-world.ts";

let world: TemporaryWorld;
let target: InstallTarget;
let path: string;
beforeEach(async () => {
  world = await createWorld();
  target = extensionTarget(world.env);
  path = installedExtension(world.env).path;
});
afterEach(() => world.dispose());

async function install(): Promise<string> {
  return (await (await target.planInstall()).apply?.()) ?? "nothing";
}

async function remove(): Promise<string> {
  return (await (await target.planRemoval()).apply?.()) ?? "nothing";
}

test("it goes into the folder that pi loads from, as a file that pi loads", () => {
  expect(path).toBe(join(world.agentDirectory, "extensions", "pisync.js"));
  const env = { ...world.env, PI_CODING_AGENT_DIR: "" };
  expect(installedExtension(env).path).toBe(join(world.home, ".pi", "agent", "extensions", "pisync.js"));
});

test("what is installed is the built extension, with a first line that says whose it is", async () => {
  expect(await install()).toContain(path);
  const [first = "", ...rest] = (await readFile(path, "utf8")).split("\n");
  expect(first).toContain("pisync uninstall extension");
  expect(rest.join("\n")).toBe(await readFile(distFile("pisync-extension.mjs"), "utf8"));
  expect(await inspectOwnFile(installedExtension(world.env))).toMatchObject({
    state: "current",
    label: { version: PACKAGE_VERSION },
  });
});

test("planning changes nothing and says what and where", async () => {
  const { says } = await target.planInstall();
  expect(says.join("\n")).toContain(path);
  expect(says.join("\n")).toContain("Every pi");
  expect(await readdir(world.agentDirectory)).toEqual([]);
});

test("installing twice does nothing the second time", async () => {
  await install();
  const { mtimeMs } = await stat(path);
  expect(await target.planInstall()).toEqual({ says: [expect.stringContaining("up to date")] });
  expect(await install()).toBe("nothing");
  expect((await stat(path)).mtimeMs).toBe(mtimeMs);
});

test("another version's copy is replaced, and a changed one of this version", async () => {
  await install();
  const content = await readFile(path, "utf8");
  for (const other of [content.replace(PACKAGE_VERSION, "0.0.9"), `${content}\n// changed`]) {
    await writeFile(path, other);
    expect((await inspectOwnFile(installedExtension(world.env))).state).toBe("outdated");
    await install();
    expect(await readFile(path, "utf8")).toBe(content);
  }
});

test("removing takes exactly what was made: the file and folders with nothing else in them", async () => {
  await rm(world.agentDirectory, { recursive: true });
  await install();
  expect(await remove()).toContain(path);
  await expect(stat(world.agentDirectory)).rejects.toThrow("ENOENT");
  expect(await remove()).toBe("nothing");
});

test("a folder that was there, or holds something else, stays, also after an update", async () => {
  await mkdir(dirname(path));
  await install();
  await remove();
  expect(await readdir(dirname(path))).toEqual([]);

  await rm(dirname(path), { recursive: true });
  await install();
  await writeFile(join(dirname(path), "other.ts"), "");
  await writeFile(path, (await readFile(path, "utf8")) + " ");
  await install();
  await remove();
  expect(await readdir(dirname(path))).toEqual(["other.ts"]);
});

test.each([
  ["a file of somebody else", () => writeFile(path, "export default () => {}\n")],
  ["an empty file", () => writeFile(path, "")],
  ["a link", () => symlink(distFile("pisync-extension.mjs"), path)],
  ["a folder", () => mkdir(path)],
])("%s is left alone", async (_what, make) => {
  await mkdir(dirname(path));
  await make();
  await expect(target.planInstall()).rejects.toMatchObject({ code: "foreign-file" });
  await expect(target.planRemoval()).rejects.toMatchObject({ code: "foreign-file" });
});
