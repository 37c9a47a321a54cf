import { chmod, lstat, mkdir, readFile, readlink, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { editUserFile } from "../../../../cli/install/user-file.ts";
import { createWorld, type TemporaryWorld } from "../../../support/temporary-world.ts";

let world: TemporaryWorld;
let path: string;
beforeEach(async () => {
  world = await createWorld();
  path = join(world.home, ".rc");
});
afterEach(() => world.dispose());

const append = (content: Buffer | undefined) => Buffer.concat([content ?? Buffer.alloc(0), Buffer.from("more\n")]);

test("a file is made, changed and removed", async () => {
  await editUserFile(path, append);
  await editUserFile(path, append);
  expect(await readFile(path, "utf8")).toBe("more\nmore\n");
  await editUserFile(path, () => undefined);
  await expect(stat(path)).rejects.toThrow("ENOENT");
  await editUserFile(path, () => undefined);
});

test("a file that needs no change is not touched", async () => {
  await writeFile(path, "as it is");
  const { ino, mtimeMs } = await stat(path);
  await editUserFile(path, (content) => content && Buffer.from(content));
  expect(await stat(path)).toMatchObject({ ino, mtimeMs });
});

test("a link stays one, also a chain of them, and the file behind it keeps its permissions", async () => {
  const real = join(world.work, "dotfiles", "rc");
  await mkdir(join(world.work, "dotfiles"));
  await writeFile(real, "one\n");
  await chmod(real, 0o640);
  await symlink(real, join(world.work, "between"));
  await symlink("../work/between", path);
  await editUserFile(path, append);
  expect(await readlink(path)).toBe("../work/between");
  expect(await readFile(real, "utf8")).toBe("one\nmore\n");
  expect((await lstat(real)).mode & 0o777).toBe(0o640);
});

test("a link that leads nowhere stays one when its file is made", async () => {
  await symlink(join(world.work, "rc"), path);
  await editUserFile(path, append);
  expect(await readFile(join(world.work, "rc"), "utf8")).toBe("more\n");
  await editUserFile(path, () => undefined);
  expect((await lstat(path)).isSymbolicLink()).toBe(true);
  await expect(stat(path)).rejects.toThrow("ENOENT");
});
