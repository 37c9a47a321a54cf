import { describe, expect, it } from "vitest";
import { parseColour, TerminalProbe } from "../../../../cli/view/terminal-probe.ts";

const FOREGROUND = "\x1b]10;rgb:d8d8/d9d9/dada\x1b\\";
const BACKGROUND = "\x1b]11;rgb:1a1a/1b1b/2626\x07";
const ATTRIBUTES = "\x1b[?62;22;52c";
const COLOURS = { foreground: "#d8d9da", background: "#1a1b26" };

/** Feeds pieces to a probe that expects replies, and returns what was typed. */
function feed(pieces: string[]) {
  const probe = new TerminalProbe();
  probe.expect();
  const typed = pieces.map((piece) => probe.feed(Buffer.from(piece)).typed.toString());
  return { probe, typed: typed.join("") + probe.flush().toString() };
}

describe("TerminalProbe", () => {
  it("takes the replies and learns the colours", () => {
    const { probe, typed } = feed([FOREGROUND + BACKGROUND + ATTRIBUTES]);
    expect({ typed, colours: probe.colours, settled: probe.settled }).toEqual({
      typed: "",
      colours: COLOURS,
      settled: true,
    });
  });

  it("passes on what is typed before, between and after them, in order", () => {
    const { probe, typed } = feed([`a${FOREGROUND}b\x1b[A${BACKGROUND}c`, `d${ATTRIBUTES}e\x1b[?1;2c`]);
    expect(typed).toBe("ab\x1b[Acde\x1b[?1;2c");
    expect(probe.colours).toEqual(COLOURS);
  });

  it("finds them split at every place", () => {
    const bytes = `x${FOREGROUND}y${BACKGROUND}z${ATTRIBUTES}`;
    for (let at = 1; at < bytes.length; at += 1) {
      const { probe, typed } = feed([bytes.slice(0, at), bytes.slice(at)]);
      expect([at, typed, probe.colours]).toEqual([at, "xyz", COLOURS]);
    }
    expect(feed([...bytes]).typed).toBe("xyz");
  });

  it("holds a lone Escape only until the flush", () => {
    const probe = new TerminalProbe();
    probe.expect();
    expect(probe.feed(Buffer.from("\x1b")).typed.toString()).toBe("");
    expect(probe.holding).toBe(true);
    expect(probe.flush().toString()).toBe("\x1b");
    expect(probe.feed(Buffer.from("[A")).typed.toString()).toBe("[A");
  });

  it("ends with the last reply, also when the terminal told no colour", () => {
    const probe = new TerminalProbe();
    probe.expect();
    expect(probe.feed(Buffer.from(ATTRIBUTES))).toEqual({ typed: Buffer.from(""), answered: true });
    expect(probe.colours).toEqual({});
    expect(probe.feed(Buffer.from(ATTRIBUTES))).toEqual({ typed: Buffer.from(ATTRIBUTES), answered: false });
  });

  it("takes nothing unless it expects replies", () => {
    const probe = new TerminalProbe();
    expect(probe.feed(Buffer.from(FOREGROUND)).typed.toString()).toBe(FOREGROUND);
    probe.expect();
    probe.giveUp();
    expect(probe.feed(Buffer.from(FOREGROUND)).typed.toString()).toBe(FOREGROUND);
  });

  it("passes on other sequences, and a reply that never ends", () => {
    const endless = `\x1b]11;${"a".repeat(200)}`;
    expect(feed(["\x1b]12;rgb:0/0/0\x07\x1b[200~\x1b[?u", endless]).typed).toBe(
      `\x1b]12;rgb:0/0/0\x07\x1b[200~\x1b[?u${endless}`,
    );
  });
});

describe("parseColour", () => {
  it.each([
    ["rgb:ffff/8080/0000", "#ff8000"],
    ["rgb:ff/80/00", "#ff8000"],
    ["rgb:f/8/0", "#ff8800"],
    ["rgba:FFFF/0000/0000/FFFF", "#ff0000"],
    ["red", undefined],
    ["rgb:fffff/0/0", undefined],
    ["", undefined],
  ])("reads %s as %s", (text, colour) => {
    expect(parseColour(text)).toBe(colour);
  });
});
