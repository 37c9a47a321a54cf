import { expect, test } from "vitest";
import { cellsOf, fit, widthOf, wrap } from "../../../sidebar/cells.ts";

const textOf = (text: string) =>
  cellsOf(text)
    .map((cell) => cell.text)
    .join("");

test.each([
  ["a family is its first member", "👨‍👩‍👧 x", "👨 x", 4],
  ["a skin tone goes", "👍🏽", "👍", 2],
  ["a text character stays one", "❤️", "❤", 1],
  ["a keycap is its digit", "1️⃣", "1\u20e3", 1],
  ["a flag is its letters", "🇩🇪", "DE", 2],
  ["an emoji that is too new is a box", "🫨🪿", "□□", 2],
  ["what is joined in Korean is one", "\u1112\u1161\u11ab", "한", 2],
  ["letters of an Indic cluster have places", "क्षि", "क्षि", 3],
  ["a tower of marks keeps two", "x\u0301\u0302\u0303\u0304", "x\u0301\u0302", 1],
  ["bidi controls and escapes go", "a\u202eb\u001b[31mc", "abc", 3],
])("%s", (_, text, shown, width) => {
  expect(textOf(text)).toBe(shown);
  expect(widthOf(cellsOf(text))).toBe(width);
});

test("text is cut between cells, never in one", () => {
  const shown = fit(cellsOf("日本語"), 4, "…");
  expect(shown.map(({ text }) => text)).toEqual(["日", "…"]);
  expect(fit(cellsOf("日本"), 4, "…")).toHaveLength(2);
  expect(fit(cellsOf("ab"), 0, "…")).toEqual([]);
});

test("lines break at blanks, and in words that are longer than a line", () => {
  const lines = wrap("one two three-and-more 日本語", 8).map((cells) => cells.map(({ text }) => text).join(""));
  expect(lines).toEqual(["one two", "three-an", "d-more", "日本語"]);
});
