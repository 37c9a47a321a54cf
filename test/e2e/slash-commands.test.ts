import { describe, expect, it } from "vitest";
import type { Terminal } from "../support/terminal.ts";
import { waitFor } from "../support/wait-for.ts";
import { createScene, prompt, untilPiReady, type Scene } from "./pi-scene.ts";

interface TwoViews {
  left: Terminal;
  right: Terminal;
  id: string;
}

/** One pi with a finished run, seen in two terminals. */
async function twoViews(scene: Scene): Promise<TwoViews> {
  const left = scene.terminal(["pi"]);
  await untilPiReady(left);
  const right = scene.terminal(["attach"]);
  await untilPiReady(right);
  await prompt(left, "first task");
  await right.waitForScreen("Echo reply to: first task");
  const { id } = await scene.live(({ title, status }) => title === "first task" && status?.state === "idle");
  return { left, right, id };
}

async function conversationOf(scene: Scene, id: string): Promise<string | undefined> {
  return (await scene.session(id)).conversation?.id;
}

describe("pi's own commands, typed in the second view", () => {
  it("/name renames the session in every view and in the list", async () => {
    await using scene = await createScene();
    const { left, right, id } = await twoViews(scene);
    await prompt(right, "/name The big one");
    await scene.untilSession(id, ({ title, titleSource }) => title === "The big one" && titleSource === "name");
    await waitFor("identical screens", () => left.screenText() === right.screenText());
  });

  it("/new begins another conversation in the same session", async () => {
    await using scene = await createScene();
    const { left, right, id } = await twoViews(scene);
    const before = await conversationOf(scene, id);
    await prompt(right, "/new");
    await scene.untilSession(id, ({ conversation }) => conversation !== undefined && conversation.id !== before);
    await prompt(left, "second task");
    await right.waitForScreen("Echo reply to: second task");
    await scene.untilSession(id, ({ title }) => title === "second task");
    await waitFor("identical screens", () => left.screenText() === right.screenText());
  });

  it("/fork makes a conversation of its own from a message", async () => {
    await using scene = await createScene();
    const { left, right, id } = await twoViews(scene);
    const before = await conversationOf(scene, id);
    await prompt(right, "/fork");
    await left.waitForScreen(/Fork from/i);
    right.send("\r");
    await scene.untilSession(id, ({ conversation }) => conversation !== undefined && conversation.id !== before);
    await waitFor("identical screens", () => left.screenText() === right.screenText());
  });

  it("/resume goes back to an earlier conversation, and is declined for one that is live elsewhere", async () => {
    await using scene = await createScene();
    const { left, right, id } = await twoViews(scene);
    const first = await conversationOf(scene, id);
    await prompt(right, "/new");
    await scene.untilSession(id, ({ conversation }) => conversation !== undefined && conversation.id !== first);
    await prompt(right, "/resume");
    await left.waitForScreen("Resume Session");
    await left.waitForScreen("first task");
    right.send("\r");
    await scene.untilSession(id, ({ conversation, title }) => conversation?.id === first && title === "first task");

    const other = scene.terminal(["pi"]);
    await untilPiReady(other);
    await prompt(other, "/resume");
    await other.waitForScreen("first task");
    other.send("\r");
    await other.waitForScreen(`pisync attach ${id}`);
    expect(await conversationOf(scene, id)).toBe(first);
    expect((await scene.sessions()).filter(({ kind }) => kind === "live")).toHaveLength(2);
  });

  it("/tree, /model, /compact and !command show the same in every view", async () => {
    await using scene = await createScene();
    const { left, right } = await twoViews(scene);
    const same = () => waitFor("identical screens", () => left.screenText() === right.screenText());
    await prompt(right, "!echo from the shell");
    await left.waitForScreen(/echo from the shell[^]*from the shell/);
    await same();
    await prompt(right, "/tree");
    await left.waitForScreen("Session Tree");
    await same();
    left.send("\x1b");
    await waitFor("the tree to close", () => !right.screenText().includes("Session Tree"));
    await prompt(right, "/model");
    await left.waitForScreen(/scripted[^]*\[scripted\]|Only showing models/);
    await same();
    left.send("\x1b");
    await waitFor("the models to go", () => !/Only showing models/.test(right.screenText()));
    await prompt(left, "/compact");
    await right.waitForScreen(/compact/i);
    await same();
  });
});

describe("choosing a live conversation", () => {
  it("from pi -r goes to the session that has it", async () => {
    await using scene = await createScene();
    const { id, left } = await twoViews(scene);
    const third = scene.terminal(["pi", "-r"]);
    await third.waitForScreen("Resume Session");
    await third.waitForScreen("first task");
    third.send("\r");
    // pi itself may show the conversation before it has to leave it.
    const notice = `pisync: That conversation is live in session ${id}: showing it.`;
    await waitFor("the other session", () => third.scrollbackText().includes(notice));
    await third.waitForScreen("Echo reply to: first task");
    await scene.untilSession(id, ({ views }) => views === 3);
    third.send("typed in the third");
    await left.waitForScreen("typed in the third");
    await waitFor("only one session", async () => (await scene.sessions()).length === 1);
  });
});
