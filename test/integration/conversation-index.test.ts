import { appendFileSync } from "node:fs";
import { chmod, readFile, rename, rm, stat, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeConversation } from "../fixtures/pi/conversation-files.ts";
import { messageLine, say, sessionsOf, startIndex } from "../support/conversation-index.ts";
import { startIndexProcess } from "../support/index-process.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { waitFor } from "../support/wait-for.ts";

/** The file of a conversation that begins with `text`, in a folder of its own or a named one. */
function conversation(world: TemporaryWorld, text: string, folder = "--work--"): Promise<string> {
  const path = join(sessionsOf(world), folder, `${text}.jsonl`);
  return writeConversation(path, { id: `id-${text}`, cwd: world.work, text });
}

describe("files that change", () => {
  test("what is appended, new, moved and removed is noticed", async () => {
    await using world = await createWorld();
    const first = await conversation(world, "first");
    await using running = await startIndex(world);
    await running.index.whenScanned();
    expect(running.titles).toEqual(["first"]);
    say(first, "assistant", "done");
    await running.until("the answer", first, ({ reading }) => reading.messages === 2);
    const second = await conversation(world, "second", "--new-folder--");
    await running.until("a conversation in a new folder", second, () => true);
    say(second, "assistant", "done");
    await running.until("an answer there", second, ({ reading }) => reading.messages === 2);
    const moved = join(second, "..", "third.jsonl");
    await rename(second, moved);
    await running.until("the file under its new name", moved, () => true);
    await rm(first);
    await waitFor("the removal", () => running.titles.join() === "second");
    expect(running.index.get(first)).toBeUndefined();
    expect(running.index.byId("id-first")).toEqual([]);
  });

  test("each change replaces the object, and names it to the listeners", async () => {
    await using world = await createWorld();
    const path = await conversation(world, "one");
    await using running = await startIndex(world);
    await running.index.whenScanned();
    const before = running.index.get(path);
    const kept = JSON.stringify(before);
    const named: string[] = [];
    running.index.onChange(({ changed, removed }) => named.push(...changed.map((one) => one.path), ...removed));
    say(path, "assistant", "done");
    const after = await running.until("the answer", path, ({ reading }) => reading.messages === 2);
    expect(after).not.toBe(before);
    expect(JSON.stringify(before)).toBe(kept);
    expect(named).toEqual([path]);
  });

  test("a half-written line is read when it is complete", async () => {
    await using world = await createWorld();
    const path = await conversation(world, "half");
    await using running = await startIndex(world);
    await running.index.whenScanned();
    const line = messageLine("assistant", "x".repeat(700_000));
    const { size } = await stat(path);
    for (const end of [1, 300_000, 600_000, line.length - 1]) {
      const { size: written } = await stat(path);
      appendFileSync(path, line.slice(written - size, end));
      await running.until("the part", path, (one) => one.size === size + end);
      expect(running.index.get(path)?.reading).toMatchObject({ messages: 1, strangeLines: 0 });
    }
    appendFileSync(path, "\n");
    await running.until("the whole line", path, ({ reading }) => reading.messages === 2);
  });

  test("a file that is written anew is read anew: shorter, longer, of equal length, or another file", async () => {
    await using world = await createWorld();
    const path = await conversation(world, "aaaa");
    for (let count = 0; count < 30; count += 1) say(path, "assistant", "word ".repeat(100));
    await using running = await startIndex(world);
    await running.index.whenScanned();
    const becomes = (title: string) =>
      running.until(title, path, ({ reading }) => reading.firstMessage === title && reading.messages === 1);
    await writeConversation(path, { id: "id", cwd: world.work, text: "shorter" });
    await becomes("shorter");
    await writeConversation(path, { id: "id", cwd: world.work, text: `longer ${"than before ".repeat(80)}end` });
    await becomes(`longer ${"than before ".repeat(80)}end`.slice(0, 1000));
    await writeConversation(path, { id: "id", cwd: world.work, text: "equal-1" });
    await becomes("equal-1");
    await writeConversation(path, { id: "id", cwd: world.work, text: "equal-2" });
    await becomes("equal-2");
    await writeConversation(`${path}.new`, { id: "id", cwd: world.work, text: "another file" });
    await rename(`${path}.new`, path);
    await becomes("another file");
    await truncate(path, 0);
    await waitFor("the empty file to hold none", () => running.index.get(path) === undefined);
    await writeConversation(path, { id: "id", cwd: world.work, text: "written again" });
    await becomes("written again");
  });

  test("what happened while no index was running is noticed by the next one", async () => {
    await using world = await createWorld();
    const same = await conversation(world, "same");
    const grown = await conversation(world, "grown");
    const anew = await conversation(world, "anew");
    const gone = await conversation(world, "gone");
    {
      await using before = await startIndex(world);
      await before.index.whenScanned();
      expect(before.titles).toEqual(["anew", "gone", "grown", "same"]);
    }
    say(grown, "assistant", "done");
    await writeConversation(anew, { id: "id-anew", cwd: world.work, text: "anew and longer than it was before" });
    await rm(gone);
    await conversation(world, "new");
    await using after = await startIndex(world);
    await after.index.whenScanned();
    expect(after.titles).toEqual(["anew and longer than it was before", "grown", "new", "same"]);
    expect(after.index.get(grown)?.reading.messages).toBe(2);
    expect(after.index.get(same)?.reading.messages).toBe(1);
  });

  test("a clock that jumps changes nothing", async () => {
    await using world = await createWorld();
    const path = await conversation(world, "clock");
    await using running = await startIndex(world);
    await running.index.whenScanned();
    for (const time of [new Date(0), new Date("2200-01-01"), new Date("1990-01-01")]) {
      const { messages } = running.index.get(path)?.reading ?? {};
      say(path, "assistant", "at another time");
      await utimes(path, time, time);
      await running.until("the message", path, ({ reading }) => reading.messages === (messages ?? 0) + 1);
      await running.until("the time", path, ({ writtenAt }) => writtenAt === time.getTime());
    }
    expect(running.index.get(path)?.reading).toMatchObject({ messages: 4, strangeLines: 0 });
  });
});

describe("places", () => {
  test("a folder that is deleted and made again, and a root that comes late", async () => {
    await using world = await createWorld();
    await using running = await startIndex(world);
    await running.index.whenScanned();
    expect(running.titles).toEqual([]);
    for (const text of ["first", "second", "third"]) {
      const path = await conversation(world, text);
      await running.until("the conversation", path, () => true);
      say(path, "assistant", "done");
      await running.until("the answer", path, ({ reading }) => reading.messages === 2);
      // Once the folder with its conversation, once the root with all folders.
      await rm(text === "first" ? join(path, "..") : sessionsOf(world), { recursive: true });
      await waitFor("the removal", () => running.titles.length === 0);
    }
  });

  test("a folder that is replaced by another one in a moment", async () => {
    await using world = await createWorld();
    const path = await conversation(world, "old");
    await using running = await startIndex(world);
    await running.until("the conversation", path, () => true);
    const folder = join(path, "..");
    const [made, aside] = [join(world.work, "made"), join(world.work, "aside")];
    const replacement = join(made, "new.jsonl");
    await writeConversation(replacement, { id: "new", cwd: world.work, text: "new" });
    await rename(folder, aside);
    await rename(made, folder);
    const path2 = join(folder, "new.jsonl");
    await running.until("what the new folder holds", path2, () => true);
    await waitFor("what the old one held to go", () => running.titles.join() === "new");
    say(path2, "assistant", "done");
    await running.until("what happens in the new folder", path2, ({ reading }) => reading.messages === 2);
  });

  test("files through links are read once, by any path, and loops of links end", async () => {
    await using world = await createWorld();
    const elsewhere = join(world.work, "elsewhere");
    const linked = await writeConversation(join(elsewhere, "linked.jsonl"), {
      id: "l",
      cwd: world.work,
      text: "linked",
    });
    const single = await writeConversation(join(world.work, "s.jsonl"), { id: "s", cwd: world.work, text: "single" });
    const real = await conversation(world, "real");
    const sessions = sessionsOf(world);
    await symlink(elsewhere, join(sessions, "one"));
    await symlink(elsewhere, join(sessions, "two"));
    await symlink(sessions, join(sessions, "loop"));
    await symlink("itself", join(sessions, "itself"));
    await symlink(join(sessions, "--work--"), join(sessions, "--work--", "loop.jsonl"));
    await symlink(single, join(sessions, "--work--", "single-link.jsonl"));
    await symlink("nowhere", join(sessions, "--work--", "dangling.jsonl"));
    await symlink(sessions, join(world.work, "root-link"));
    const roots = [sessions, join(world.work, "root-link")].map((path) => ({ path, depth: 1 as const }));
    await using running = await startIndex(world, [...roots, { path: join(sessions, "--work--"), depth: 0 }]);
    await running.index.whenScanned();
    expect(running.titles).toEqual(["linked", "real", "single"]);
    expect(running.index.get(join(sessions, "two", "linked.jsonl"))?.path).toBe(linked);
    expect(running.index.get(join(world.work, "root-link", "--work--", "real.jsonl"))?.path).toBe(real);
    expect(running.index.get(join(world.work, "root-link", "one", "linked.jsonl"))?.path).toBe(linked);
    expect(running.index.get(join(sessions, "--work--", "single-link.jsonl"))?.path).toBe(single);
    say(linked, "assistant", "done");
    await running.until("an answer behind a link", linked, ({ reading }) => reading.messages === 2);
    say(real, "assistant", "done");
    await running.until("an answer in a folder of two roots", real, ({ reading }) => reading.messages === 2);
    await rm(join(sessions, "--work--", "single-link.jsonl"));
    await waitFor("the removed link to count", () => running.titles.join() === "linked,real");
  });

  test("a further place can be added, and added twice", async () => {
    await using world = await createWorld();
    await using running = await startIndex(world);
    await running.index.whenScanned();
    const path = join(world.work, "own", "x.jsonl");
    await writeConversation(path, { id: "x", cwd: world.work, text: "in a directory of its own" });
    running.index.watch({ path: join(world.work, "own"), depth: 0 });
    running.index.watch({ path: join(world.work, "own"), depth: 0 });
    await running.until("the conversation", path, () => true);
    say(path, "assistant", "done");
    await running.until("the answer", path, ({ reading }) => reading.messages === 2);
    expect(running.index.byId("x")).toHaveLength(1);
  });

  test("beyond 512 further places one more is not looked at, and that is said", async () => {
    await using world = await createWorld();
    await using running = await startIndex(world);
    await running.index.whenScanned();
    const place = (name: string) => join(world.work, name);
    for (let count = 1; count <= 512; count += 1) running.index.watch({ path: place(`place-${count}`), depth: 0 });
    running.index.watch({ path: place("place-7"), depth: 0 });
    expect(running.index.state().troubles).toEqual([]);
    running.index.watch({ path: place("one-more"), depth: 0 });
    running.index.watch({ path: place("another"), depth: 0 });
    expect(running.index.state().troubles).toEqual([expect.stringContaining("one-more are not listed")]);
    for (const name of ["one-more", "place-512"]) {
      await writeConversation(join(place(name), "x.jsonl"), { id: name, cwd: world.work, text: name });
    }
    await waitFor("the last one that is looked at", () => running.titles.includes("place-512"));
    expect(running.titles).toEqual(["place-512"]);
  });

  test("several files with one id are all there, the newest activity first", async () => {
    await using world = await createWorld();
    const ages = { old: 50, new: 1, middle: 20 };
    for (const [name, age] of Object.entries(ages)) {
      const path = join(sessionsOf(world), `--${name}--`, "same.jsonl");
      await writeConversation(path, { id: "same", cwd: world.work, text: name, age });
    }
    await using running = await startIndex(world);
    await running.index.whenScanned();
    const texts = () => running.index.byId("same").map(({ reading }) => reading.firstMessage);
    expect(texts()).toEqual(["new", "middle", "old"]);
    await rm(join(sessionsOf(world), "--new--"), { recursive: true });
    await waitFor("the removal", () => texts().join() === "middle,old");
  });

  test("a folder without permission is said, and the others go on", async () => {
    await using world = await createWorld();
    await conversation(world, "readable");
    const closed = join(await conversation(world, "closed", "--closed--"), "..");
    await chmod(closed, 0o000);
    // Root may read everything, but not root of a namespace to which the folder's owner does not belong.
    await using running = await startIndexProcess(world, process.getuid?.() === 0 ? ["unshare", "-U"] : []);
    const { titles, state } = await running.until("the others", (seen) => seen.state.state === "ready");
    expect(titles).toEqual(["readable"]);
    expect(state.troubles).toEqual([
      `The conversations in ${closed} are not listed: you have no right to read that folder.`,
    ]);
    await chmod(closed, 0o700);
    await running.until(
      "what can be read again",
      (seen) => seen.titles.length === 2 && seen.state.troubles.length === 0,
    );
  });
});

test("a thread that fails is started again; what is known stays, and what happened meanwhile is noticed", async () => {
  await using world = await createWorld();
  await conversation(world, "stays");
  const goes = await conversation(world, "goes");
  const program = join(import.meta.dirname, "..", "fixtures", "daemon", "crashing-index.ts");
  await using running = await startIndex(world, undefined, program);
  await running.untilSearchable();
  await writeFile(join(world.stateDirectory, "crash"), "");
  await waitFor("the failure", () => running.index.state().state === "unavailable");
  expect(running.titles).toEqual(["goes", "stays"]);
  expect(running.index.state().troubles).toEqual([expect.stringContaining("started again")]);
  await rm(goes);
  const comes = await conversation(world, "comes");
  await running.until("a conversation made meanwhile", comes, () => true);
  await waitFor("the removal", () => running.titles.join() === "comes,stays");
  await waitFor("it to be searchable", async () => (await running.index.search({ q: "comes", limit: 5 })).length === 1);
  expect(running.index.state()).toMatchObject({ state: "ready", troubles: [] });
  expect(await readFile(running.log, "utf8")).toContain("asked to crash");
});
