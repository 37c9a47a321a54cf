import xterm from "@xterm/headless";
import { expect, test } from "vitest";
import { internalsOf, isAtGround } from "../../../../host/screen/internals.ts";
import { isCharacter, penAt, printable } from "../../../../host/screen/line.ts";

/** Everything that `screen-internals.ts` says about the emulator; a failure here means an upgrade has moved it. */
async function internalsAfter(output: string): Promise<ReturnType<typeof internalsOf>> {
  const emulator = new xterm.Terminal({ cols: 10, rows: 4, scrollback: 5, allowProposedApi: true, logLevel: "off" });
  await new Promise<void>((resolve) => emulator.write(Buffer.from(output), resolve));
  return internalsOf(emulator);
}

test("cells: text, width, colours, flags and underline", async () => {
  const { buffers } = await internalsAfter("\x1b[1;3;4:3;58:5:9;38;2;1;2;3;48;5;7mé世\x1b[mx\u0301");
  const line = buffers.active.lines.get(0);
  if (!line) throw new Error("no line");
  expect([line.length, line.isWrapped, line._data.length]).toEqual([10, false, 30]);
  expect([printable(line, 0), printable(line, 1), printable(line, 3)]).toEqual([
    { text: "é", width: 1 },
    { text: "世", width: 2 },
    { text: "x\u0301", width: 1 },
  ]);
  expect([0, 1, 2, 3, 4].map((column) => isCharacter(line, column, 10))).toEqual([true, true, false, true, false]);
  expect(penAt(line, 0)).toEqual({ fg: 0x1b010203, bg: 0x06000007, ext: 0x0e000009 });
  expect(penAt(line, 3)).toEqual({ fg: 0, bg: 0, ext: 0 });
});

test("buffers: scrollback, cursor, margins, tab stops, saved cursor and wrapping", async () => {
  const { buffers } = await internalsAfter(
    "\x1b[3g\x1b[1;5H\x1bH\x1b[3;3H\x1b[31m\x1b7" + "\r\n".repeat(12) + "\x1b[2;3r\x1b[2;1H0123456789abc",
  );
  const { normal, active, alt } = buffers;
  expect([normal === active, normal === alt]).toEqual([true, false]);
  expect([normal.ybase, normal.lines.length, normal.lines.maxLength]).toEqual([5, 9, 9]);
  expect([normal.x, normal.y, normal.scrollTop, normal.scrollBottom]).toEqual([3, 2, 1, 2]);
  expect(Object.keys(normal.tabs)).toEqual(["4"]);
  expect([normal.savedX, normal.savedCurAttrData.fg, normal.savedCharset]).toEqual([2, 0x1000001, undefined]);
  expect(normal.lines.get(5 + 2)?.isWrapped).toBe(true);
});

test("a pending wrap is a cursor behind the last column", async () => {
  expect((await internalsAfter("0123456789")).buffers.active.x).toBe(10);
});

test("lines trimmed from full scrollback are announced", async () => {
  const emulator = new xterm.Terminal({ cols: 10, rows: 4, scrollback: 5, allowProposedApi: true });
  const { buffers } = internalsOf(emulator);
  let trimmed = 0;
  let activated = 0;
  buffers.normal.lines.onTrim((amount) => (trimmed += amount));
  buffers.onBufferActivate(() => activated++);
  await new Promise<void>((resolve) => emulator.write("\r\n".repeat(12) + "\x1b[?1049h", resolve));
  expect([trimmed, activated, buffers.active === buffers.alt]).toEqual([4, 1, true]);
});

test("modes, mouse, charsets, pen and parser", async () => {
  const set = "\x1b[?1;6;45;66;1004;2004;2026h\x1b[?7l\x1b[4h\x1b[?25l\x1b[3 q\x1b[?1002;1006h\x1b)0\x0e\x1b[32mq";
  const { coreService, coreMouseService, _charsetService, _inputHandler } = await internalsAfter(set);
  expect(coreService).toMatchObject({ isCursorHidden: true, modes: { insertMode: true } });
  expect(coreService.decPrivateModes).toEqual({
    applicationCursorKeys: true,
    applicationKeypad: true,
    bracketedPasteMode: true,
    cursorBlink: true,
    cursorStyle: "underline",
    origin: true,
    reverseWraparound: true,
    sendFocus: true,
    synchronizedOutput: true,
    wraparound: false,
  });
  expect([coreMouseService.activeProtocol, coreMouseService.activeEncoding]).toEqual(["DRAG", "SGR"]);
  expect([_charsetService.glevel, _charsetService.charset === _charsetService._charsets[1]]).toEqual([1, true]);
  expect(_charsetService.charset?.["q"]).toBe("─");
  expect(_inputHandler._curAttrData.fg).toBe(0x1000002);
  expect(_inputHandler._parser.precedingJoinState).not.toBe(0);
});

test("the parser says where it is, and parses at once", async () => {
  const internals = await internalsAfter("");
  const states = ["a", "\x1b", "[", "1", "m"].map((text) => {
    internals._inputHandler.parse(Buffer.from(text));
    return [isAtGround(internals), internals._inputHandler._parser.precedingJoinState !== 0];
  });
  expect(states).toEqual([
    [true, true],
    [false, true],
    [false, true],
    [false, true],
    [true, false],
  ]);
  internals._inputHandler.parse(Buffer.from([0xc3]));
  expect(isAtGround(internals)).toBe(false);
});
