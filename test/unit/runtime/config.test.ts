import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BridgeSettings } from "../../../protocol/bridge-settings.ts";
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
  expect(await loadConfig(world.env)).toEqual({
    detachKey: "ctrl-\\",
    menuKey: "ctrl-^",
    scrollback: 2000,
    size: "smallest",
    statusInTitle: false,
    keys: {},
    notifications: { desktop: true, command: [] },
    sidebarWidth: 32,
    bridge: BridgeSettings.parse({}),
  });
});

test("settings are taken one by one", async () => {
  expect(await configured('{"scrollback":10000,"size":{"cols":80,"rows":24}}')).toEqual({
    detachKey: "ctrl-\\",
    menuKey: "ctrl-^",
    statusInTitle: false,
    keys: {},
    notifications: { desktop: true, command: [] },
    sidebarWidth: 32,
    bridge: BridgeSettings.parse({}),
    scrollback: 10_000,
    size: { cols: 80, rows: 24 },
  });
});

test.each([
  ["an unknown key", '{"scrolback":1}', 'unknown key "scrolback" (did you mean "scrollback"?)'],
  ["another unknown key", '{"detach-key":"ctrl-a"}', '(did you mean "detachKey"?)'],
  ["a hostile key", '{"\\u001b[2Jsize":1}', 'unknown key "size" (did you mean "size"?)'],
  ["a key that is near none", '{"foo":1}', 'config.json has the unknown key "foo".'],
  ["too small a value", '{"scrollback":99}', "is wrong: scrollback must be a whole number from 100 to 10000."],
  [
    "a value of another type",
    '{"scrollback":"many"}',
    "is wrong: scrollback must be a whole number from 100 to 10000.",
  ],
  ["half a line", '{"scrollback":100.5}', "is wrong: scrollback must be a whole number from 100 to 10000."],
  [
    "a wrong size",
    '{"size":"huge"}',
    'is wrong: size must be "smallest", "latest" or {"cols": 1 to 1000, "rows": 1 to 500}.',
  ],
  ["a word for yes", '{"statusInTitle":"yes"}', "is wrong: statusInTitle must be true or false."],
  ["a size without rows", '{"size":{"cols":80}}', "is wrong: size must be"],
  ["a size with more", '{"size":{"cols":80,"rows":24,"depth":1}}', "is wrong: size must be"],
  [
    "a setting of the bridge that is none",
    '{"bridge":{"port":1}}',
    "bridge must be an object of settings that docs/pi-bridge.md lists",
  ],
  ["broken JSON", '{\n  "scrollback": 1\n  "size"', "is not valid JSON at line 3, column 3."],
  ["broken JSON of which Node names no place", "", "is not valid JSON."],
  ["a list", "[]", "is wrong: it must be an object with settings, for example {}."],
  ["null", "null", "is wrong: it must be an object with settings, for example {}."],
])("%s is refused in words", async (_, text, words) => {
  const refusal = (await configured(text).catch((error: unknown) => error)) as Error;
  expect(refusal).toMatchObject({ code: "config-invalid" });
  expect(refusal.message).toContain(words);
  expect(refusal.message).not.toMatch(/invalid input|too small|too big|received|expected|unrecognized/i);
});

test.each(["F12", "ctrl-", "ctrl-1", "ctrl-aa", "alt-a", "", "ctrl-i", "ctrl-j", "ctrl-m", "ctrl-[", "Ctrl-A", "^a"])(
  "a view cannot watch for the detach key %j",
  async (detachKey) => {
    await expect(configured(JSON.stringify({ detachKey }))).rejects.toMatchObject({
      code: "config-invalid",
      message: expect.stringContaining(
        'detachKey must be "ctrl-" and a small letter other than i, j and m, or one of \\ ] ^ _',
      ) as string,
    });
  },
);

test.each(["ctrl-a", "ctrl-h", "ctrl-k", "ctrl-l", "ctrl-n", "ctrl-z", "ctrl-\\", "ctrl-]", "ctrl-^", "ctrl-_"])(
  "a view can watch for the detach key %j",
  async (detachKey) => {
    expect(await configured(JSON.stringify({ detachKey }))).toMatchObject({ detachKey });
  },
);
