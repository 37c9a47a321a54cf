import { expect, test } from "vitest";
import { Screen } from "../../../../host/screen/screen.ts";

const SIZE = { cols: 20, rows: 4 };

function newScreen(): Screen {
  return new Screen({ size: SIZE, scrollback: 100 });
}

async function feed(screen: Screen, ...chunks: (string | Uint8Array)[]): Promise<void> {
  for (const chunk of chunks) screen.write(Buffer.from(chunk));
  await new Promise<void>((resolve) => screen.whenParsed(resolve));
}

test("what was written is parsed later and in order, and counted until it is", async () => {
  const screen = newScreen();
  const seen: string[] = [];
  screen.whenParsed(() => seen.push("nothing pending: at once"));
  screen.write(Buffer.from("one"));
  screen.whenParsed(() => seen.push(screen.plainText()));
  screen.write(Buffer.from(" two"));
  expect(screen.pendingBytes).toBe(7);
  expect(seen).toEqual(["nothing pending: at once"]);
  await new Promise<void>((resolve) => screen.whenParsed(resolve));
  expect(seen).toEqual(["nothing pending: at once", "one"]);
  expect(screen.plainText()).toBe("one two");
  expect(screen.pendingBytes).toBe(0);
});

test("large output does not hold up the event loop until it is parsed", async () => {
  const screen = newScreen();
  screen.write(Buffer.alloc(20_000_000, "text \x1b[31mred\x1b[m\r\n"));
  let turns = 0;
  while (screen.pendingBytes > 0) {
    turns++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(turns).toBeGreaterThan(5);
});

test.each([
  ["text", true],
  ["\x1b", false],
  ["\x1b[3", false],
  ["\x1b[31m", true],
  ["\x1b]2;tit", false],
  ["\x1b]2;title\x1b", false],
  ["\x1b]2;title\x1b\\", true],
  ["\x1bPq", false],
  [Buffer.from("é").subarray(0, 1), false],
  [Buffer.from("😀").subarray(0, 3), false],
  ["😀", true],
])("%j ends between characters and sequences: %s", async (output, atGround) => {
  const screen = newScreen();
  await feed(screen, output);
  expect(screen.atGround).toBe(atGround);
});

test("output that makes the emulator throw costs nothing", async () => {
  const screen = newScreen();
  const errors: unknown[] = [];
  screen.onParseError = (error) => errors.push(error);
  // In 6.0.0 of the emulator this ends the process: erase from the start to the last cell, without scrollback below.
  await feed(screen, "gone\x1b[4;20H\x1b[1J\x1b[?1049halternate\x1b[4;20H\x1b[?1J\x1b[1;1Hstill here");
  expect(screen.plainText()).toBe("still here");
  expect(errors).toEqual([]);
});

test("an error in the emulator is reported and the next output shows", async () => {
  const screen = newScreen();
  const errors: unknown[] = [];
  screen.onParseError = (error) => errors.push(error);
  screen.onReply = () => {
    throw new Error("from a handler");
  };
  await feed(screen, "one\r\n\x1b[?u", "two");
  expect(errors).toHaveLength(1);
  expect(screen.pendingBytes).toBe(0);
  expect(screen.plainText()).toBe("one\ntwo");
});

test("hyperlinks leave no trace, as keeping them makes the emulator 30 times slower", async () => {
  const screen = newScreen();
  await feed(screen, "\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\");
  const { _curAttrData } = screen.internals._inputHandler;
  expect(screen.plainText()).toBe("link");
  expect(_curAttrData.bg).toBe(0);
  expect(screen.internals.buffers.normal.lines.get(0)?._extendedAttrs).toEqual({});
});

test("titles are followed, through the terminal's stack too, and bounded", async () => {
  const screen = newScreen();
  await feed(screen, "\x1b]0;one\x07\x1b[22t\x1b]2;two\x1b\\");
  expect(screen.title).toBe("two");
  await feed(screen, "\x1b[23t", `\x1b]2;${"x".repeat(5000)}\x07`);
  expect(screen.title).toBe("one");
  await feed(screen, "\x1b]2;\x07");
  expect(screen.title).toBeUndefined();
});

test("every title that the child gives its terminal is told, also one that is not kept, and that one was taken back", async () => {
  const screen = newScreen();
  const told: (string | undefined)[] = [];
  screen.onTitle = (title) => told.push(title);
  const long = "x".repeat(2_000);
  await feed(screen, "\x1b]0;one\x07\x1b]1;icon\x07\x1b]2;t", `wo\x1b\\\x1b]2;${long}\x07`, "\x1b[22;0t\x1b[23;0t");
  expect(told).toEqual(["one", "icon", "two", long, undefined]);
  expect(screen.title).toBe("two");
});

test("lines that scroll off are counted, whatever the scrollback holds", async () => {
  const screen = new Screen({ size: SIZE, scrollback: 5 });
  await feed(screen, "\r\n".repeat(53));
  expect(screen.scrolledLines).toBe(50);
  await feed(screen, "\x1b[?1049h" + "\r\n".repeat(20) + "\x1b[?1049l");
  expect(screen.scrolledLines).toBe(50);
  screen.resize({ cols: 10, rows: 8 });
  await feed(screen, "\x1b[3J\x1bc");
  expect(screen.scrolledLines).toBe(50);
  await feed(screen, "\r\n".repeat(9));
  expect(screen.scrolledLines).toBe(52);
});

test("the saved cursor is a place on the screen, as terminals have it", async () => {
  const screen = newScreen();
  await feed(screen, "\x1b[2;5H\x1b7\x1b[4;1H\r\n\r\n\x1b8X");
  expect(screen.plainText()).toBe("\n    X");
});

test("a reset shows the cursor again", async () => {
  const screen = newScreen();
  await feed(screen, "\x1b[?25l\x1b[20h\x1b[>7u\x1b[?2031h\x1bc");
  expect(screen.internals.coreService.isCursorHidden).toBe(false);
  expect(screen.modes).toMatchObject({ newLine: false, set: new Set(), kitty: { normal: [], alternate: [] } });
});

test("sizes change at once, from one column to a thousand", async () => {
  const screen = newScreen();
  await feed(screen, "text");
  screen.resize({ cols: 1000, rows: 500 });
  expect(screen.size).toEqual({ cols: 1000, rows: 500 });
  screen.resize({ cols: 1, rows: 1 });
  expect(screen.size).toEqual({ cols: 2, rows: 1 });
  await feed(screen, "\r\n\x1b[1J世界");
  expect(screen.atGround).toBe(true);
});

test("the rows in use end with the last one that shows something or holds the cursor", async () => {
  const used = async (text: string) => {
    const screen = newScreen();
    await feed(screen, text);
    return screen.rowsInUse;
  };
  expect(await used("")).toBe(1);
  expect(await used("one\r\ntwo")).toBe(2);
  expect(await used("one\r\ntwo\r\n")).toBe(3);
  expect(await used("one\r\n\r\nthree\x1b[H")).toBe(3);
  expect(await used("1\r\n2\r\n3\r\n4\r\n5\r\n6")).toBe(4);
  // Leaving the alternate screen brings the normal one back.
  expect(await used("one\x1b[?1049h\x1b[4;1Hbottom")).toBe(1);
});

test("the text is cut to whole lines at its end", async () => {
  const screen = newScreen();
  await feed(screen, "one\r\ntwo\r\nthrée\r\nfour\r\n");
  expect(screen.plainText({ scrollback: 100 })).toBe("one\ntwo\nthrée\nfour");
  expect(screen.plainText({ scrollback: 100, maxBytes: 12 })).toBe("thrée\nfour");
  expect(screen.plainText({ scrollback: 100, maxBytes: 11 })).toBe("four");
});
