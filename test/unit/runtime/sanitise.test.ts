import { expect, test } from "vitest";
import { cellWidth } from "../../../runtime/cell-width.ts";
import { errorText, plainText } from "../../../runtime/sanitise.ts";

const ESC = "\u001b";

test.each([
  ["a colour", `${ESC}[31mred${ESC}[0m`, "red"],
  ["an 8-bit CSI", "\u009b31mred", "red"],
  ["a title sequence ended by BEL", `${ESC}]0;evil\u0007text`, "text"],
  ["a title sequence ended by ST", `${ESC}]0;evil${ESC}\\text`, "text"],
  ["an 8-bit OSC", "\u009d52;c;ZXZpbA==\u009ctext", "text"],
  ["an unfinished sequence", `text${ESC}]52;c;ZXZpbA==`, "text"],
  ["a DCS", `${ESC}P+q544e${ESC}\\text`, "text"],
  ["a sequence inside a sequence", `${ESC}[${ESC}[31m31mtext`, "31mtext"],
  ["a charset switch", `${ESC}(0text`, "text"],
  ["a lone ESC", `te${ESC}`, "te"],
  ["C0 and DEL", "t\u0000e\u0008x\u007ft", "text"],
  ["C1", "te\u0080x\u0084t", "text"],
  ["bidi overrides and isolates", "\u202etxet\u202c \u2066x\u2069", "txet x"],
  ["zero-width characters and a BOM", "te\u200bx\u200d\ufefft", "text"],
  ["tag characters", "text\u{e0041}\u{e007f}", "text"],
  ["lone surrogates", "te\ud800xt\udc00", "text"],
  ["an invisible filler", "te\u3164xt", "text"],
  ["lines, tabs and spaces of all kinds", " a\r\nb\t\tc\u00a0d\u2028e\u0085f ", "a b c d e f"],
  ["spaces around what goes", "a \u200b b", "a b"],
])("%s", (_, given, expected) => {
  expect(plainText(given)).toBe(expected);
});

test("what is meant as text stays: other scripts, emoji, and what only means something to tmux or a shell", () => {
  const text = "日本語 naïve Ünï e\u0301 🚀 #(rm -rf) {bold} $(id) `x`";
  expect(plainText(text)).toBe(text);
});

test("a tower of combining marks is cut to four", () => {
  expect(plainText(`x${"\u0301".repeat(50)}`)).toBe(`x${"\u0301".repeat(4)}`);
});

test("cuts at a word and says so", () => {
  expect(plainText("one two three four", { maxCells: 12 })).toBe("one two…");
  expect(plainText("one two three", { maxCells: 13 })).toBe("one two three");
  expect(plainText("one two three", { maxCells: 8 })).toBe("one two…");
  expect(plainText("abcdefghijkl", { maxCells: 5 })).toBe("abcd…");
  expect(plainText("a bcdefghijklmnop", { maxCells: 10 })).toBe("a bcdefgh…");
  expect(plainText("abc", { maxCells: 1 })).toBe("…");
  expect(plainText("abc", { maxCells: 0 })).toBe("");
});

test("counts wide characters as two cells and never splits one", () => {
  expect(cellWidth("日本 🚀e\u0301")).toBe(8);
  expect(plainText("日本語日本語", { maxCells: 6 })).toBe("日本…");
});

test("huge text costs little", () => {
  expect(plainText("x".repeat(50_000_000)).length).toBeLessThan(100_000);
});

test("the text of anything thrown is plain", () => {
  expect(errorText(new Error(`a${ESC}[2Jb\nc`))).toBe("ab c");
  expect(errorText(new TypeError(""))).toBe("TypeError");
  expect(errorText("text")).toBe("text");
  expect(errorText(undefined)).toBe("undefined");
});
