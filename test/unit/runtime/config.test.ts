import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfig } from "../../../runtime/config.ts";
import { createWorld, type TemporaryWorld } from "../../support/temporary-world.ts";

let world: TemporaryWorld;
beforeEach(async () => void (world = await createWorld()));
afterEach(() => world.dispose());

async function configured(text: string) {
  await mkdir(join(world.home, ".config", "pisync"), { recursive: true });
  await writeFile(join(world.home, ".config", "pisync", "config.json"), text);
  return loadConfig(world.env);
}

test("no file means the defaults", async () => {
  expect(await loadConfig(world.env)).toEqual({ detachKey: "ctrl-\\", scrollback: 2000, size: "smallest" });
});

test("settings are taken one by one", async () => {
  expect(await configured('{"scrollback":10000,"size":{"cols":80,"rows":24}}')).toEqual({
    detachKey: "ctrl-\\",
    scrollback: 10_000,
    size: { cols: 80, rows: 24 },
  });
});

test.each([
  ["an unknown key", '{"scrolback":1}', 'unknown key "scrolback" (did you mean "scrollback"?)'],
  ["another unknown key", '{"detach-key":"ctrl-a"}', '(did you mean "detachKey"?)'],
  ["a hostile key", '{"\\u001b[2Jsize":1}', 'unknown key "size" (did you mean "size"?)'],
  ["a wrong value", '{"scrollback":99}', "is wrong at scrollback"],
  ["a wrong size", '{"size":"huge"}', 'must be "smallest", "latest" or {"cols", "rows"}'],
  ["a wrong detach key", '{"detachKey":"F12"}', "must be ctrl-"],
  ["broken JSON", "{", "is not valid JSON"],
  ["a list", "[]", "is wrong"],
  ["null", "null", "is wrong"],
])("%s is refused in words", async (_, text, words) => {
  await expect(configured(text)).rejects.toMatchObject({
    code: "config-invalid",
    message: expect.stringContaining(words) as string,
  });
});
