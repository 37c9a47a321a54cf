import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadPreferences, withPreferences } from "../../../daemon/preferences.ts";
import { openLog, type Log } from "../../../runtime/log.ts";
import { SESSION_ID_ALPHABET } from "../../../protocol/session-id.ts";
import { createWorld, type TemporaryWorld } from "../../support/temporary-world.ts";
import { NOW, past, session } from "../cli/sessions.ts";

let world: TemporaryWorld;
let log: Log;
beforeEach(async () => {
  world = await createWorld();
  log = openLog(join(world.work, "log"));
});
afterEach(async () => {
  log.close();
  await world.dispose();
});

const load = () => loadPreferences(world.work, log);

test("what is wanted is there after a restart", async () => {
  const store = await load();
  expect([store.mutedAll, store.isMuted("aaaaaaaa"), store.dismissedAt("bbbbbbbb")]).toEqual([false, false, undefined]);
  await Promise.all([store.mute(true), store.mute(true, "aaaaaaaa"), store.dismiss("bbbbbbbb", 5)]);
  const again = await load();
  expect([again.mutedAll, again.isMuted("aaaaaaaa"), again.dismissedAt("bbbbbbbb")]).toEqual([true, true, 5]);
  await Promise.all([again.mute(false), again.mute(false, "aaaaaaaa"), again.dismiss("bbbbbbbb", undefined)]);
  const last = await load();
  expect([last.mutedAll, last.isMuted("aaaaaaaa"), last.dismissedAt("bbbbbbbb")]).toEqual([false, false, undefined]);
});

test("who listens is told whose preferences have changed", async () => {
  const store = await load();
  const told: (string | undefined)[] = [];
  const stop = store.onChange((id) => told.push(id));
  await store.mute(true);
  await store.mute(true, "aaaaaaaa");
  stop();
  await store.dismiss("bbbbbbbb", 1);
  expect(told).toEqual([undefined, "aaaaaaaa"]);
});

test("a broken file is as none", async () => {
  await writeFile(join(world.work, "preferences.json"), '{"mutedAll":');
  const store = await load();
  expect(store.mutedAll).toBe(false);
  await store.mute(true);
  expect((await load()).mutedAll).toBe(true);
});

test("the oldest are forgotten beyond 2000", async () => {
  const store = await load();
  const ids = Array.from({ length: 2_001 }, (_, index) => idOf(index));
  for (const [index, id] of ids.entries()) await store.dismiss(id, index);
  expect(store.dismissedAt(ids[0] ?? "")).toBeUndefined();
  expect(store.dismissedAt(ids[1] ?? "")).toBe(1);
  expect(JSON.parse(await readFile(join(world.work, "preferences.json"), "utf8"))).toMatchObject({
    dismissed: expect.toSatisfy((entries: unknown[]) => entries.length === 2_000) as unknown,
  });
});

test("a dismissal counts for what can be resumed, until something happens in it", () => {
  const wanted = { isMuted: () => false, dismissedAt: () => NOW };
  expect(withPreferences(past("aaaaaaaa", { updatedAt: NOW }), wanted).dismissed).toBe(true);
  expect(withPreferences(past("aaaaaaaa", { updatedAt: NOW + 1 }), wanted)).not.toHaveProperty("dismissed");
  expect(withPreferences(session({ updatedAt: 1 }), wanted)).not.toHaveProperty("dismissed");
});

function idOf(number: number): string {
  const letters = Array.from({ length: 8 }, (_, place) => Math.floor(number / 16 ** place) % 16);
  return letters.map((letter) => SESSION_ID_ALPHABET[letter]).join("");
}
