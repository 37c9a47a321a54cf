import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findProgram } from "../../../runtime/find-program.ts";
import { createWorld, type TemporaryWorld } from "../../support/temporary-world.ts";

let world: TemporaryWorld;
beforeEach(async () => {
  world = await createWorld();
  for (const folder of ["one", "two", "one/tool"]) await mkdir(join(world.work, folder));
  await writeFile(join(world.work, "two", "tool"), "", { mode: 0o755 });
  await writeFile(join(world.work, "one", "data"), "", { mode: 0o644 });
});
afterEach(() => world.dispose());

const at = (...parts: string[]) => join(world.work, ...parts);

test("finds the first program on PATH; folders and files that cannot be run are none", async () => {
  const env = { PATH: `${at("one")}:${at("two")}` };
  expect(await findProgram("tool", env, "/")).toBe(at("two", "tool"));
  await expect(findProgram("data", env, "/")).rejects.toMatchObject({ code: "program-not-found" });
});

test("an empty or relative entry of PATH is seen from the working directory", async () => {
  expect(await findProgram("tool", { PATH: "/nowhere::/bin" }, at("two"))).toBe(at("two", "tool"));
  expect(await findProgram("tool", { PATH: "two" }, world.work)).toBe(at("two", "tool"));
});

test("a name with a slash is a path from the working directory", async () => {
  expect(await findProgram("./two/tool", { PATH: "" }, world.work)).toBe(at("two", "tool"));
  await expect(findProgram("./one/tool", { PATH: at("two") }, world.work)).rejects.toMatchObject({
    code: "program-not-found",
  });
});

test("a link to a program is kept as it is: what it is called can matter to it", async () => {
  await symlink(at("two", "tool"), at("one", "alias"));
  await chmod(at("two", "tool"), 0o755);
  expect(await findProgram("alias", { PATH: at("one") }, "/")).toBe(at("one", "alias"));
});

test("without PATH the system's folders are searched", async () => {
  expect(await findProgram("sh", {}, "/")).toMatch(/\/bin\/sh$/);
});

test("the refusal names the program in plain text and says what to do", async () => {
  await expect(findProgram("pi\u001b[2J", { PATH: "" }, "/")).rejects.toMatchObject({
    message: "The program pi is not on your PATH.",
    next: "Install pi, or give its full path.",
  });
  await expect(findProgram("", {}, "/")).rejects.toMatchObject({ code: "program-not-found" });
});
