import { expect, test } from "vitest";
import { SessionList } from "../../protocol/session.ts";
import { pisync } from "../support/pisync.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { waitFor } from "../support/wait-for.ts";

async function ok(world: TemporaryWorld, ...args: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await pisync(world, args);
  expect({ args, exitCode, stderr }).toEqual({ args, exitCode: 0, stderr });
  return stdout;
}

async function listed(world: TemporaryWorld, ...options: string[]) {
  return SessionList.parse(JSON.parse(await ok(world, "list", "--json", ...options))).sessions;
}

test("what is dismissed leaves the list until it runs again, and --all shows it", async () => {
  await using world = await createWorld();
  const id = await ok(world, "run", "-d", "--name", "fails", "--", "sh", "-c", "[ -e go ] && exec cat; exit 3");
  await waitFor("the end", async () => (await listed(world))[0]?.kind === "resumable");
  expect(await ok(world, "dismiss", id)).toBe(`${id} (fails) is dismissed; pisync list --all shows it`);
  expect(await listed(world)).toEqual([]);
  expect(await listed(world, "--all")).toMatchObject([{ id, dismissed: true }]);
  expect(await ok(world, "list", "--all")).toContain("dismissed");

  await ok(world, "daemon", "restart");
  expect(await listed(world)).toEqual([]);
  expect(await ok(world, "dismiss", id, "--off")).toContain("shown again");
  expect(await listed(world)).toMatchObject([{ id }]);

  await ok(world, "dismiss", id);
  await ok(world, "resume", "-d", id);
  await waitFor("the second end", async () => {
    const [session] = await listed(world, "--all");
    return session?.generation === 2 && session.kind === "resumable";
  });
  const [again] = await listed(world);
  expect(again?.id).toBe(id);
  expect(again).not.toHaveProperty("dismissed");
});

test("what is live cannot be dismissed, and says what to do", async () => {
  await using world = await createWorld();
  const id = await ok(world, "run", "-d", "--", "cat");
  const { exitCode, stderr } = await pisync(world, ["dismiss", id]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`Session ${id} (cat) is live.\n  End it first with: pisync kill ${id}`);
});

test("one session is muted, or all of them, and again not", async () => {
  await using world = await createWorld();
  const id = await ok(world, "run", "-d", "--", "cat");
  expect(await ok(world, "mute")).toBe(`${id} (cat) is muted`);
  expect(await listed(world)).toMatchObject([{ id, muted: true }]);
  expect(await ok(world, "list")).toMatch(/cat .*muted/);
  expect(await ok(world, "mute", "--all")).toBe("No session notifies any more.");
  expect(await ok(world, "mute", id, "--off")).toContain("all sessions are muted: pisync mute --all --off");
  expect((await listed(world))[0]).not.toHaveProperty("muted");
  await ok(world, "mute", "--all", "--off");
  expect((await pisync(world, ["mute", "--all", id])).exitCode).toBe(2);
});
