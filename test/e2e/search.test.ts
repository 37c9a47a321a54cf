import { describe, expect, it } from "vitest";
import { SearchAnswer } from "../../protocol/daemon-state.ts";
import { pisync } from "../support/pisync.ts";
import { waitFor } from "../support/wait-for.ts";
import { createScene, type Scene } from "./pi-scene.ts";

/** The answer of `search --json`, once the text has been read. */
async function hits(scene: Scene, ...words: string[]): Promise<SearchAnswer["hits"]> {
  return waitFor(`a hit for ${words.join(" ")}`, async () => {
    const { stdout } = await pisync(scene.world, ["search", "--json", ...words]);
    const answer = SearchAnswer.parse(JSON.parse(stdout));
    return answer.hits.length > 0 ? answer.hits : undefined;
  });
}

describe("pisync search", () => {
  it("finds what was said, shows the place, and what it found can be resumed", async () => {
    await using scene = await createScene();
    await scene.leftBehind("nothing of interest");
    const wanted = await scene.leftBehind("first words", "where is the marmalade kept");
    const [hit, ...others] = await hits(scene, "marmal");
    expect(others).toEqual([]);
    expect(hit).toMatchObject({ session: { id: wanted.id, kind: "resumable" } });
    const [from = 0, to = 0] = hit?.matches[0] ?? [];
    expect(hit?.snippet.slice(from, to).toLowerCase()).toContain("marmal");

    const found = await pisync(scene.world, ["search", "marmalade"]);
    expect(found).toMatchObject({ exitCode: 0, stderr: "" });
    expect(found.stdout).toMatch(
      new RegExp(`^○ ${wanted.id}  first words  ${scene.world.work}\n    (you|pi), \\d+s ago: .*marmalade`),
    );

    const view = scene.terminal(["resume", hit?.session.id ?? ""]);
    await view.waitForScreen("Echo reply to: where is the marmalade kept");
    const [live] = await hits(scene, "marmalade");
    expect(live).toMatchObject({ session: { id: wanted.id, kind: "live" } });
  });

  it("takes an argument with a blank as a phrase, and words in any order", async () => {
    await using scene = await createScene();
    const { id } = await scene.leftBehind("alpha beta gamma");
    await hits(scene, "alpha");
    for (const words of [["gamma", "alpha"], ["alpha beta"], ['"beta gamma"']]) {
      const { stdout, exitCode } = await pisync(scene.world, ["search", "--json", ...words]);
      expect({ words, exitCode }).toEqual({ words, exitCode: 0 });
      expect(SearchAnswer.parse(JSON.parse(stdout)).hits.map(({ session }) => session.id)).toEqual([id]);
    }
    expect((await pisync(scene.world, ["search", "alpha gamma"])).exitCode).toBe(1);
  });

  it("exits with 1 when nothing is found, and says so", async () => {
    await using scene = await createScene();
    // The daemon's start is said when it takes its time.
    await scene.ok("daemon", "start");
    expect(await pisync(scene.world, ["search", "nowhere"])).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: "pisync: Nothing was found.",
    });
    const { stdout, exitCode } = await pisync(scene.world, ["search", "--json", "nowhere"]);
    expect({ exitCode, ...SearchAnswer.parse(JSON.parse(stdout)) }).toMatchObject({ exitCode: 1, hits: [] });
  });

  it("finds titles, and colours what matched on a terminal only", async () => {
    await using scene = await createScene();
    const { id } = await scene.leftBehind("plain words");
    await scene.ok("rename", id, "Quarterly Report");
    await hits(scene, "quarterly");
    const terminal = scene.terminal(["search", "quarterly"]);
    await terminal.waitForScreen(/Bring one back with: pisync resume \w{8}/);
    expect(terminal.output().toString()).toMatch(/\x1b\[33m\x1b\[1mQuarterly|\x1b\[1m\x1b\[33mQuarterly/);
    const plain = scene.terminal(["search", "quarterly"], { env: { NO_COLOR: "1" } });
    await plain.waitForScreen("pisync resume");
    expect(plain.output().toString()).not.toMatch(/\x1b\[\d*m/);
  });

  it.each([[["search"]], [["search", ""]], [["search", "--limit", "0", "x"]], [["search", "--limit", "x", "y"]]])(
    "refuses %j",
    async (args) => {
      await using scene = await createScene();
      const { exitCode, stdout, stderr } = await pisync(scene.world, args);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
      expect(stderr.split("\n")).toHaveLength(2);
    },
  );
});
