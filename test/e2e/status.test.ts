import { describe, expect, it } from "vitest";
import { Explanation, type ExplainedFact } from "../../protocol/daemon-state.ts";
import { createScene, DETACH, prompt, untilPiReady, type Scene } from "./pi-scene.ts";

/** The facts that `explain --json` gives, by their names. */
async function explained(scene: Scene, ...args: string[]): Promise<Record<string, ExplainedFact>> {
  const { facts } = Explanation.parse(JSON.parse(await scene.ok("explain", "--json", ...args)));
  return Object.fromEntries(facts.map((fact) => [fact.fact, fact]));
}

describe("a run that nobody watched", () => {
  it("is marked until somebody attaches", async () => {
    await using scene = await createScene();
    const view = scene.terminal(["pi"]);
    await untilPiReady(view);
    const { text, release } = await scene.heldPrompt();
    await prompt(view, text);
    const { id } = await scene.live(({ status }) => status?.state === "working");
    view.send(DETACH);
    await view.exit;
    await scene.untilSession(id, ({ views }) => views === 0);
    await release();
    await scene.untilSession(id, ({ status }) => status?.state === "idle" && status.unseen === true);
    expect(await scene.ok("list")).toMatch(new RegExp(`◉ ${id}  ${text}  idle \\d+s, unseen`));
    const looking = scene.terminal(["attach", id]);
    await looking.waitForScreen(text);
    await scene.untilSession(id, ({ status }) => status?.unseen !== true);
    looking.send(DETACH);
    await looking.exit;
  });
});

describe("pisync explain", () => {
  it("names the extension as the source of a live session's facts", async () => {
    await using scene = await createScene();
    const view = scene.terminal(["pi"]);
    await untilPiReady(view);
    await prompt(view, "explain yourself");
    const { id } = await scene.live(({ title, status }) => title === "explain yourself" && status?.state === "idle");
    const facts = await explained(scene);
    expect(facts["status"]?.value).toContain("idle");
    expect(facts["status"]?.source).toMatch(/extension/);
    expect(facts["title"]).toMatchObject({ value: "explain yourself" });
    expect(facts["attribution"]?.source).toMatch(/extension/);
    for (const fact of Object.values(facts)) expect(fact.evidence).not.toBe("");

    const table = await scene.ok("explain", id);
    expect(table.split("\n")).toEqual(
      expect.arrayContaining([
        scene.world.work,
        expect.stringMatching(new RegExp(`^  • ${id}  explain yourself$`)),
        expect.stringMatching(/^  status +idle/),
        expect.stringMatching(/^ +the pisync extension inside pi, [\d:]+ \(\d+s ago\): \S/),
      ]),
    );
  });

  it("names the file as the source of what is only on disk", async () => {
    await using scene = await createScene();
    const { id, conversation } = await scene.leftBehind("only a file");
    const facts = await explained(scene, id);
    expect(facts["status"]?.source).toMatch(/file|conversation/i);
    expect(facts["conversation"]?.value).toContain(conversation?.id);
    expect(facts["title"]?.value).toContain("only a file");
  });

  it("refuses what there is not with exit code 3", async () => {
    await using scene = await createScene();
    const { pisync } = await import("../support/pisync.ts");
    expect(await pisync(scene.world, ["explain", "zzzz"])).toMatchObject({ exitCode: 3, stdout: "" });
  });
});
