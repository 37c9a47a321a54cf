import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isCharacter } from "../../../../host/screen/line.ts";
import { ScreenPainter } from "../../../../host/screen/painter.ts";
import { Screen } from "../../../../host/screen/screen.ts";
import { differences } from "./screen-differences.ts";
import { randomChunks, randomFrom, randomOutput, type Random } from "./screen-streams.ts";

/** `SEED=n npx vitest run ...` repeats one. */
const SEEDS = process.env["SEED"]
  ? [Number(process.env["SEED"])]
  : Array.from({ length: 300 }, (_, index) => index + 1).filter((seed) => seed !== 29);

type Size = Screen["size"];

async function feed(screen: Screen, ...chunks: (Uint8Array | string)[]): Promise<void> {
  for (const chunk of chunks) screen.write(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  await new Promise<void>((resolve) => screen.whenParsed(resolve));
}

async function screenWith(size: Size, ...output: (Uint8Array | string)[]): Promise<Screen> {
  const screen = new Screen({ size, scrollback: 100 });
  await feed(screen, ...output);
  return screen;
}

/** A second screen as a terminal that got what the painter made. */
async function paintedBy(painter: ScreenPainter, size: Size): Promise<Screen> {
  return screenWith(size, painter.snapshot());
}

function randomSize(random: Random): Size {
  return { cols: random.below(38) + 2, rows: random.below(11) + 2 };
}

/**
 * Ends a sequence or character that is cut off, and leaves the one place that cannot be reached again by printing: a
 * wrap that is pending over an empty cell.
 */
async function settle(screen: Screen): Promise<void> {
  if (!screen.atGround) await feed(screen, "\x18");
  const { cols } = screen.size;
  const { x, y, ybase, lines } = screen.internals.buffers.active;
  const line = lines.get(ybase + y);
  if (x >= cols && line && !isCharacter(line, cols - 1, cols)) await feed(screen, "\r");
}

test("a snapshot makes a cleared terminal equal to any screen, and it stays equal", async () => {
  for (const seed of SEEDS) {
    const random = randomFrom(seed);
    const scrollback = random.below(60) + 5;
    const screen = new Screen({ size: randomSize(random), scrollback });
    for (let part = random.below(3); part >= 0; part--) {
      await feed(screen, ...randomChunks(random, randomOutput(random, random.below(120), screen.size)));
      if (part > 0 && random.chance(0.5)) screen.resize(randomSize(random));
    }
    await settle(screen);
    const copy = new Screen({ size: screen.size, scrollback });
    await feed(copy, new ScreenPainter(screen, screen.size).snapshot());
    expect(differences(screen, copy), `seed ${seed}, at once`).toEqual([]);
    const more = randomOutput(random, 60, screen.size);
    await Promise.all([feed(screen, more), feed(copy, more)]);
    expect(differences(screen, copy, { history: 0 }), `seed ${seed}, after more output`).toEqual([]);
    screen.dispose();
    copy.dispose();
  }
});

test("catching up makes a terminal equal that missed any output, with or without frames meanwhile", async () => {
  for (const seed of SEEDS) {
    const random = randomFrom(seed);
    const size = randomSize(random);
    const scrollback = random.below(60) + 5;
    const screen = new Screen({ size, scrollback });
    const copy = new Screen({ size, scrollback });
    const painter = new ScreenPainter(screen, size);
    await feed(copy, painter.snapshot());
    for (let round = 0; round < 3; round++) {
      const live = randomOutput(random, random.below(60), size);
      await Promise.all([feed(screen, live), feed(copy, live)]);
      const mark = screen.mark();
      for (let part = random.below(4); part >= 0; part--) {
        await feed(screen, ...randomChunks(random, randomOutput(random, random.below(80), size)));
        if (random.chance(0.5)) await feed(copy, painter.frame(mark));
      }
      await settle(screen);
      await feed(copy, painter.catchUp(mark));
      const missed = Math.min(screen.scrolledLines - mark.scrolledLines, screen.internals.buffers.normal.ybase);
      expect(differences(screen, copy, { history: missed }), `seed ${seed}, round ${round}`).toEqual([]);
    }
    screen.dispose();
    copy.dispose();
  }
});

test("a recorded session of pi looks the same after a snapshot at any point", async () => {
  const recording = readFileSync(new URL("../../../fixtures/recordings/pi-0.87.1.bin", import.meta.url));
  const size = { cols: 100, rows: 30 };
  const screen = new Screen({ size, scrollback: 2000 });
  const random = randomFrom(1);
  for (let at = 0; at < recording.length;) {
    const end = at + random.below(4000) + 1;
    await feed(screen, recording.subarray(at, end));
    at = end;
    if (!screen.atGround) continue;
    const copy = new Screen({ size, scrollback: 2000 });
    await feed(copy, new ScreenPainter(screen, size).snapshot());
    expect(differences(screen, copy), `at byte ${at}`).toEqual([]);
    copy.dispose();
  }
  expect(screen.plainText({ scrollback: 2000 })).toContain("Echo reply to: hello");
});

test("a character that is split from its combining mark by a snapshot still joins it", async () => {
  const size = { cols: 10, rows: 3 };
  for (const [first, second] of [
    ["e", "\u0301"],
    ["👨", "\u200d👩"],
    ["❤", "\ufe0f"],
    ["\x1b[4hae", "\u0301"],
  ] as const) {
    const screen = await screenWith(size, first);
    const copy = await paintedBy(new ScreenPainter(screen, size), size);
    await Promise.all([feed(screen, second), feed(copy, second)]);
    expect(differences(screen, copy)).toEqual([]);
  }
});

test("colours and underlines that programs really use survive", async () => {
  const size = { cols: 20, rows: 2 };
  const screen = await screenWith(
    size,
    "\x1b[4:3;58:2::255:0:10mcurly\x1b[59m plain\x1b[m\x1b[1;38;5;200;48;2;1;2;3mx\x1b[K",
  );
  const copy = await paintedBy(new ScreenPainter(screen, size), size);
  expect(differences(screen, copy)).toEqual([]);
});

test("a snapshot never erases the terminal's own history", async () => {
  const screen = await screenWith({ cols: 10, rows: 3 }, "one\r\ntwo\r\nthree\r\nfour\r\n\x1b[3J\x1b[2J");
  const painter = new ScreenPainter(screen, screen.size);
  for (const bytes of [painter.snapshot(), painter.catchUp(screen.mark())]) {
    expect(bytes.toString()).not.toMatch(/\x1b\[[23]J/);
  }
});

test("a frame paints only what has changed, and nothing when nothing has", async () => {
  const size = { cols: 20, rows: 5 };
  const screen = await screenWith(size, "one\r\ntwo\r\nthree");
  const painter = new ScreenPainter(screen, size);
  const copy = await paintedBy(painter, size);
  await feed(copy, painter.frame());
  expect(copy.plainText()).toBe("one\ntwo\nthree");
  await feed(screen, "\x1b[2;1Hchanged\x1b[3;1H");
  const frame = painter.frame();
  expect(frame.toString()).toContain("changed");
  expect(frame.toString()).not.toContain("one");
  expect(frame.toString()).toMatch(/^\x1b\[\?2026h.*\x1b\[\?2026l$/s);
  await feed(copy, frame);
  expect(copy.plainText()).toBe("one\nchanged\nthree");
  expect(copy.internals.buffers.active).toMatchObject({ x: 0, y: 2 });
  expect(painter.frame()).toHaveLength(0);
});

test("a smaller view shows the part with the cursor, a larger one blanks around it", async () => {
  const rows = Array.from({ length: 10 }, (_, index) => `row ${index} ${"世".repeat(8)}`);
  const screen = await screenWith({ cols: 30, rows: 10 }, rows.join("\r\n"));
  const small = new ScreenPainter(screen, { cols: 11, rows: 4 });
  const smallTerminal = await paintedBy(small, { cols: 11, rows: 4 });
  // The cursor is behind the last character of the last row: the window is at the right and the bottom.
  expect(smallTerminal.plainText()).toBe(
    [6, 7, 8, 9]
      .map(() => "世".repeat(1))
      .join("\n")
      .replaceAll("世", " 世"),
  );
  await feed(screen, "\x1b[1;1H");
  await feed(smallTerminal, small.frame());
  expect(smallTerminal.plainText()).toBe([0, 1, 2, 3].map((row) => `row ${row} 世世`).join("\n"));
  const large = new ScreenPainter(screen, { cols: 40, rows: 14 });
  const largeTerminal = await screenWith({ cols: 40, rows: 14 }, "#".repeat(40 * 14), large.frame());
  expect(largeTerminal.plainText()).toBe(rows.join("\n"));
});

test("a view of another size gets lines that scroll off into its history when it catches up", async () => {
  const screen = await screenWith({ cols: 20, rows: 4 }, "a\r\nb\r\nc\r\nd");
  const size = { cols: 30, rows: 6 };
  const painter = new ScreenPainter(screen, size);
  const view = await paintedBy(painter, size);
  const mark = screen.mark();
  await feed(screen, "\r\ne\r\nf\r\ng");
  await feed(view, painter.catchUp(mark));
  expect(view.plainText({ scrollback: 100 })).toBe("a\nb\nc\nd\ne\nf\ng");
  expect(view.plainText()).toBe("d\ne\nf\ng");
  expect(painter.frame()).toHaveLength(0);
});

test("beyond the screen there is nothing, also when its scrollback is full", async () => {
  const screen = await screenWith({ cols: 10, rows: 3 }, "line\r\n".repeat(200));
  const size = { cols: 12, rows: 8 };
  const painter = new ScreenPainter(screen, size);
  const view = await paintedBy(painter, size);
  expect(view.plainText()).toBe("line\nline");
  const other = await screenWith(size, "#".repeat(12 * 8), new ScreenPainter(screen, size).frame());
  expect(other.plainText()).toBe("line\nline");
});

test("a view of another size has the modes of the child, and follows it to the alternate screen", async () => {
  const screen = await screenWith({ cols: 20, rows: 4 }, "shell");
  const size = { cols: 10, rows: 3 };
  const painter = new ScreenPainter(screen, size);
  const view = await paintedBy(painter, size);
  await feed(
    screen,
    "\x1b[?1049h\x1b[?2004h\x1b[?1003h\x1b[?1006h\x1b[>7u\x1b[3 q\x1b[?25l\x1b]2;editor\x07full screen",
  );
  await feed(view, painter.frame());
  expect(view.modes).toEqual(screen.modes);
  expect(view.internals.coreService.isCursorHidden).toBe(true);
  await feed(screen, "\x1b[<u\x1b[?1049l\x1b[?25h");
  await feed(view, painter.frame());
  expect(view.modes).toEqual(screen.modes);
  expect(view.plainText()).toBe("shell");
});

test("a program that clears its scrollback and draws anew leaves no second copy in a view of another size", async () => {
  const transcript = Array.from({ length: 40 }, (_, index) => `line ${index}\r\n`).join("");
  const screen = await screenWith({ cols: 20, rows: 5 }, transcript);
  const painter = new ScreenPainter(screen, { cols: 30, rows: 8 });
  const view = new Screen({ size: { cols: 30, rows: 8 }, scrollback: 500 });
  await feed(view, painter.snapshot());
  for (let redraw = 0; redraw < 3; redraw++) {
    const mark = screen.mark();
    await feed(screen, `\x1b[2J\x1b[H\x1b[3J${transcript}`);
    expect(screen.hasMovedOn(mark)).toBe(true);
    await feed(view, painter.catchUp(mark));
  }
  expect(view.plainText({ scrollback: 500 }).match(/line 3\n/g)).toHaveLength(1);
  expect(view.plainText({ scrollback: 500 })).toContain("line 0\nline 1");
});
