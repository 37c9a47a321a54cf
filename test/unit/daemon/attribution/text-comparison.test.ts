import { describe, expect, it } from "vitest";
import { comparable, compareTexts } from "../../../../daemon/attribution/text-comparison.ts";

describe("comparable", () => {
  it.each([
    [
      "a paragraph and the same wrapped, indented and framed",
      "The quick brown fox jumps",
      "│ The quick │\n│   brown   │\n│ fox jumps │",
    ],
    ["a word broken at the edge of the screen", "internationalisation", "international\nisation"],
    ["markdown and what is drawn of it", "## A `code` and **bold**\n- one\n", " A code and bold\n • one"],
    ["wide and composed letters", "Ｆｕｌｌ ﬁne", "Full fine"],
    ["other scripts", "修正 了 錯誤", "修正了\n錯誤"],
  ])("makes equal: %s", (_name, one, other) => {
    expect(comparable(one)).toBe(comparable(other));
  });

  it("leaves nothing that a terminal could take for more than text", () => {
    expect(comparable("\x1b[31m#(touch x)\u202e\u200b\x07")).toBe("31mtouchx");
  });
});

describe("compareTexts", () => {
  const fox = { text: comparable("the quick brown fox jumps over the lazy dog") };
  const wolf = { text: comparable("the quick brown fox jumps over a sleeping wolf") };
  const screen = { screen: comparable("user@host$ pi\n> the quick brown\nfox jumps over the lazy dog") };
  const dark = { screen: undefined };
  const comparison = compareTexts([fox, wolf], [screen, dark]);

  it("counts what of a text is on a screen", () => {
    const all = fox.text.length - 7;
    expect(comparison.shown(fox, screen)).toEqual({ seen: all, of: all });
    expect(comparison.shown(wolf, screen).seen).toBeLessThan(comparison.shown(wolf, screen).of);
    expect(comparison.shown(fox, dark)).toEqual({ seen: 0, of: all });
  });

  it("counts only what another text lacks", () => {
    const own = comparison.shown(fox, screen, wolf);
    expect(own.seen).toBe(own.of);
    expect(own.of).toBeLessThan(20);
    expect(comparison.shown(wolf, screen, fox).seen).toBe(0);
  });

  it("counts only what another screen does not show as well", () => {
    const half = { screen: comparable("the quick brown fox") };
    const both = compareTexts([fox], [screen, half]);
    expect(both.shownUnlike(fox, half, screen)).toMatchObject({ seen: 0 });
    expect(both.shownUnlike(fox, screen, half)).toEqual({
      seen: fox.text.length - half.screen.length,
      of: fox.text.length - half.screen.length,
    });
  });

  it("counts a repeated stretch once, and a text shorter than a stretch not at all", () => {
    const repeated = { text: "abcdefgh".repeat(50) };
    const short = { text: "hi" };
    const result = compareTexts([repeated, short], [screen]);
    expect(result.shown(repeated, screen).of).toBe(8);
    expect(result.shown(short, screen)).toEqual({ seen: 0, of: 0 });
  });
});
