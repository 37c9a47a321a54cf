import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileCacheEnvironment } from "../../../runtime/compile-cache.ts";
import { createWorld } from "../../support/temporary-world.ts";

test("compiled code goes into the state directory, unless its user has chosen where that of all programs goes", async () => {
  await using world = await createWorld();
  await mkdir(world.stateDirectory, { mode: 0o700 });
  const own = { NODE_COMPILE_CACHE: join(world.stateDirectory, "cache", "1.2.3") };
  expect(compileCacheEnvironment(world.stateDirectory, "1.2.3", {})).toEqual(own);
  expect(compileCacheEnvironment(world.stateDirectory, "1.2.3", own)).toEqual(own);
  const chosen = { NODE_COMPILE_CACHE: join(world.work, "mine") };
  expect(compileCacheEnvironment(world.stateDirectory, "1.2.3", chosen)).toEqual(chosen);
});

test("nowhere, when others could write there", async () => {
  await using world = await createWorld();
  await mkdir(world.stateDirectory, { mode: 0o755 });
  expect(compileCacheEnvironment(world.stateDirectory, "1.2.3", {})).toEqual({});
});
