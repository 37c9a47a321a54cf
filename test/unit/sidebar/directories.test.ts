import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { directoriesLike, matchingDirectories, pathTyped } from "../../../sidebar/directories.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pisync-directories-"));
});

afterEach(() => rm(root, { recursive: true, force: true }));

test("what is typed is a path from here, from home or from the root", () => {
  const places = { cwd: "/work/here", home: "/home/me" };
  expect(pathTyped("~", places)).toBe("/home/me");
  expect(pathTyped("~/dev/", places)).toBe("/home/me/dev/");
  expect(pathTyped("../there", places)).toBe("/work/there");
  expect(pathTyped("/tmp", places)).toBe("/tmp");
  expect(pathTyped("~someone", places)).toBe("/work/here/~someone");
  expect(pathTyped(" ", places)).toBeUndefined();
});

test("completion finds directories and links to them, hidden ones only when asked for", async () => {
  for (const name of ["project", "photos", ".private", "other"]) await mkdir(join(root, name));
  await writeFile(join(root, "plain-file"), "");
  await symlink(join(root, "other"), join(root, "pointer"));
  await symlink(join(root, "nowhere"), join(root, "pnothing"));
  expect(await directoriesLike(join(root, "p"))).toEqual(
    ["photos", "pointer", "project"].map((name) => join(root, name)),
  );
  expect(await directoriesLike(`${root}/`)).toEqual(
    [".", "other", "photos", "pointer", "project"].map((name) => join(root, name)),
  );
  expect(await directoriesLike(join(root, ".p"))).toEqual([join(root, ".private")]);
  expect(await directoriesLike(join(root, "photos"))).toEqual([join(root, "photos")]);
  expect(await directoriesLike(join(root, "missing", "x"))).toEqual([]);
});

test("words narrow known directories, as shown or as they are", () => {
  const known = ["/home/me/dev/app", "/home/me/dev/site", "/srv/app"];
  expect(matchingDirectories(known, "app dev", "/home/me")).toEqual(["/home/me/dev/app"]);
  expect(matchingDirectories(known, "~/dev/s", "/home/me")).toEqual(["/home/me/dev/site"]);
  expect(matchingDirectories(known, "", "/home/me")).toEqual(known);
});
