import { execFile } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensurePrivateDirectory } from "../../../runtime/secure-directory.ts";
import { createWorld, type TemporaryWorld } from "../../support/temporary-world.ts";

let world: TemporaryWorld;
beforeEach(async () => void (world = await createWorld()));
afterEach(() => world.dispose());

const isRoot = process.getuid?.() === 0;

test("creates the directory and what is missing above it, closed to others", async () => {
  const path = join(world.work, "a", "b");
  await ensurePrivateDirectory(path);
  expect((await stat(path)).mode & 0o777).toBe(0o700);
  expect((await stat(join(world.work, "a"))).mode & 0o777).toBe(0o700);
  await ensurePrivateDirectory(path);
});

test.each([
  [0o777, "world-writable"],
  [0o750, "readable for the group"],
  [0o701, "searchable for others"],
])("refuses mode %o (%s)", async (mode) => {
  const path = join(world.work, "open");
  await mkdir(path);
  await chmod(path, mode);
  await expect(ensurePrivateDirectory(path)).rejects.toMatchObject({
    code: "unsafe-directory",
    next: expect.stringContaining("chmod 700") as string,
  });
});

test("refuses a symbolic link, also when named with a slash at its end", async () => {
  const real = join(world.work, "real");
  const link = join(world.work, "link");
  await ensurePrivateDirectory(real);
  await symlink(real, link);
  await expect(ensurePrivateDirectory(link)).rejects.toMatchObject({ code: "unsafe-directory" });
  await expect(ensurePrivateDirectory(`${link}/`)).rejects.toMatchObject({ code: "unsafe-directory" });
});

test("refuses a file in its place", async () => {
  const path = join(world.work, "file");
  await writeFile(path, "");
  await expect(ensurePrivateDirectory(path)).rejects.toMatchObject({ code: "unsafe-directory" });
});

test("says that it cannot be created", async () => {
  const file = join(world.work, "file");
  await writeFile(file, "");
  await expect(ensurePrivateDirectory(join(file, "state"))).rejects.toMatchObject({
    code: "state-not-writable",
    facts: { reason: "ENOTDIR" },
  });
});

test.runIf(isRoot)("refuses another user's directory", async () => {
  const path = join(world.work, "theirs");
  await mkdir(path, { mode: 0o700 });
  await chown(path, 65_534, 65_534);
  await expect(ensurePrivateDirectory(path)).rejects.toMatchObject({ code: "unsafe-directory" });
});

test("says that it is read-only", async () => {
  // Root may write everywhere, so the look is taken by somebody who may not.
  const directory = await mkdtemp("/tmp/pisync-read-only-");
  try {
    if (isRoot) await chown(directory, 65_534, 65_534);
    await chmod(directory, 0o500);
    const script = `
      if (${isRoot}) { process.setgid(65534); process.setuid(65534); }
      await ensurePrivateDirectory(${JSON.stringify(directory)}).catch((error) => console.log(error.code));`;
    const module = join(import.meta.dirname, "../../../runtime/secure-directory.ts");
    const source = `import { ensurePrivateDirectory } from ${JSON.stringify(module)};${script}`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", source]);
    expect(stdout.trim()).toBe("state-not-writable");
  } finally {
    await rm(directory, { recursive: true });
  }
});
