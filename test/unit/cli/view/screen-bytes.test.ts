import xterm from "@xterm/headless";
import { describe, expect, it } from "vitest";
import { AlternateScreenWatch, prepareScreen, resetTerminal } from "../../../../cli/view/screen-bytes.ts";

const ROWS = 6;

function terminal() {
  const screen = new xterm.Terminal({ cols: 20, rows: ROWS, allowProposedApi: true, scrollback: 100 });
  const write = (text: string) => new Promise<void>((resolve) => screen.write(text, resolve));
  const lines = (buffer = screen.buffer.active) =>
    Array.from({ length: buffer.length }, (_, y) => buffer.getLine(y)?.translateToString(true) ?? "");
  const cursor = () => [screen.buffer.active.cursorX, screen.buffer.active.cursorY];
  return { screen, write, lines, cursor };
}

describe("prepareScreen", () => {
  it("moves what was there into the scrollback and starts at the corner of an empty screen", async () => {
    const { screen, write, lines, cursor } = terminal();
    await write("one\r\ntwo\r\nthree\r\n$ pisync attach\r\n");
    await write(prepareScreen(ROWS) + "session");
    expect(lines().slice(0, screen.buffer.active.baseY)).toEqual(["one", "two", "three", "$ pisync attach", ""]);
    expect(lines().slice(screen.buffer.active.baseY)).toEqual(["session", "", "", "", "", ""]);
    expect(cursor()).toEqual([7, 0]);
  });
});

describe("resetTerminal", () => {
  const everything =
    "\x1b[?1000h\x1b[?1002h\x1b[?1003h\x1b[?1006h\x1b[?1004h\x1b[?2004h\x1b[?1h\x1b=\x1b[?25l\x1b[4h\x1b[?6h\x1b[2;4r\x1b[?7l\x1b[1;31m\x1b[?5h";

  it("switches off every mode a program can have left on", async () => {
    const { screen, write } = terminal();
    await write(everything);
    expect(screen.modes).toMatchObject({ mouseTrackingMode: "any", bracketedPasteMode: true, sendFocusMode: true });
    await write(resetTerminal(ROWS, "below", false));
    expect(screen.modes).toEqual(new xterm.Terminal({ allowProposedApi: true }).modes);
    // The whole screen scrolls again and text has no attributes.
    await write(`\x1b[${ROWS};1Hlast\r\n\r\nx`);
    const cell = screen.buffer.active.getLine(screen.buffer.active.baseY + ROWS - 1)?.getCell(0);
    expect([cell?.getChars(), cell?.isBold(), cell?.isFgDefault()]).toEqual(["x", 0, true]);
  });

  it("leaves the cursor of a program that ended where it is", async () => {
    const { write, cursor } = terminal();
    await write("done\r\n\x1b[?25l");
    await write(resetTerminal(ROWS, "keep", false));
    expect(cursor()).toEqual([0, 1]);
  });

  it("takes the cursor below a screen that was still in use", async () => {
    const { write, cursor, lines } = terminal();
    await write("a\r\nb\x1b[1;1H");
    await write(resetTerminal(ROWS, "below", false));
    expect(cursor()).toEqual([0, ROWS - 1]);
    expect(lines()).toContain("b");
  });

  it("takes the cursor right below the rows in use, and scrolls nothing away", async () => {
    const { screen, write, cursor, lines } = terminal();
    await write("a\r\nb\x1b[1;1H");
    await write(resetTerminal(ROWS, 2, false) + "prompt");
    expect(cursor()).toEqual([6, 2]);
    expect(screen.buffer.active.baseY).toBe(0);
    expect(lines().slice(0, 3)).toEqual(["a", "b", "prompt"]);
    expect(resetTerminal(ROWS, ROWS + 5, false)).toBe(resetTerminal(ROWS, "below", false));
  });

  it("leaves the alternate screen only when it is in it", async () => {
    const { screen, write, lines } = terminal();
    await write("before\x1b[?1049hfullscreen");
    await write(resetTerminal(ROWS, "below", true));
    expect(screen.buffer.active.type).toBe("normal");
    expect(lines()).toContain("before");
    expect(resetTerminal(ROWS, "below", false)).not.toContain("1049");
  });

  it("ends a string that was cut off, so that the rest is not swallowed", async () => {
    const { write, lines } = terminal();
    await write("text\x1b]2;half a tit");
    await write(`${resetTerminal(ROWS, "keep", false)}\r\nprompt`);
    expect(lines().slice(0, 2)).toEqual(["text", "prompt"]);
  });
});

describe("AlternateScreenWatch", () => {
  it("follows switches, split at any place", () => {
    const bytes = "text\x1b[?1049hmore\x1b[?25l";
    for (let at = 0; at <= bytes.length; at += 1) {
      const watch = new AlternateScreenWatch();
      watch.see(Buffer.from(bytes.slice(0, at)));
      watch.see(Buffer.from(bytes.slice(at)));
      expect([at, watch.active]).toEqual([at, true]);
      for (const byte of "\x1b[?1049l") watch.see(Buffer.from(byte));
      expect(watch.active).toBe(false);
    }
  });

  it("believes the last of several", () => {
    const watch = new AlternateScreenWatch();
    watch.see(Buffer.from("\x1b[?1049h\x1b[?1049l"));
    expect(watch.active).toBe(false);
    watch.see(Buffer.from("\x1b[?1049l\x1b[?1049h"));
    expect(watch.active).toBe(true);
  });
});
