import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { expect, test } from "vitest";
import { ScreenPainter } from "../../host/screen/painter.ts";
import { Screen } from "../../host/screen/screen.ts";
import { createWorld } from "../support/temporary-world.ts";
import { startTmux } from "../support/tmux-server.ts";
import { waitFor } from "../support/wait-for.ts";

/** tmux is a terminal that knows nothing of ours: what it shows of a painting is what people see. */
test("tmux shows a snapshot and a catch-up of a recorded session, with its history", async () => {
  const recording = readFileSync(new URL("../fixtures/recordings/pi-0.87.1.bin", import.meta.url));
  const half = recording.indexOf("Some ");
  const size = { cols: 100, rows: 30 };
  const screen = new Screen({ size, scrollback: 2000 });
  const painter = new ScreenPainter(screen, size);
  await using world = await createWorld();
  await using tmux = await startTmux(world, { ...size, argv: ["stty raw -echo; exec cat"] });
  await tmux.run("set", "-g", "status", "off");
  await waitFor("the pane to have the size", async () => (await paneFact("#{pane_height}")) === "30");
  const pane = openSync(await paneFact("#{pane_tty}"), "w");
  try {
    await feed(screen, recording.subarray(0, half));
    paint(pane, painter.snapshot());
    await expectSameText();
    const mark = screen.mark();
    await feed(screen, recording.subarray(half, half + 5000));
    paint(pane, painter.frame(mark));
    await feed(screen, recording.subarray(half + 5000));
    paint(pane, painter.catchUp(mark));
    await expectSameText();
    await expectSameCursor();
  } finally {
    closeSync(pane);
    screen.dispose();
  }

  async function paneFact(format: string): Promise<string> {
    return tmux.run("display-message", "-p", format);
  }

  async function expectSameText(): Promise<void> {
    const ours = trimmed(screen.plainText({ scrollback: 2000 }));
    let theirs = "";
    await waitFor("tmux to show the same", async () => {
      theirs = trimmed(await tmux.run("capture-pane", "-p", "-S", "-"));
      return theirs === ours;
    }).catch(() => expect(theirs).toBe(ours));
  }

  /** It goes to its place behind the text. */
  async function expectSameCursor(): Promise<void> {
    const { x, y } = screen.internals.buffers.active;
    await waitFor(`the cursor at ${x},${y}`, async () => (await paneFact("#{cursor_x},#{cursor_y}")) === `${x},${y}`);
  }
});

async function feed(screen: Screen, bytes: Uint8Array): Promise<void> {
  screen.write(bytes);
  await new Promise<void>((resolve) => screen.whenParsed(resolve));
}

function paint(pane: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(pane, bytes, at, Math.min(4096, bytes.length - at));
}

function trimmed(text: string): string {
  return text.replace(/ +$/gm, "").trimEnd();
}
