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
  ["half of a character at the end", "text\ud83d", "text"],
  ["selectors that hide text", "te\u{e0101}xt\u{e01ef}\ufe0e\ufe05", "text"],
  ["an emoji style where there is no emoji", "te\ufe0fxt", "text"],
  ["a joiner where there is no emoji", "te\u200dxt 🚀\u200dx", "text 🚀x"],
  ["noncharacters", "te\ufffext\u{1ffff}", "text"],
  ["a blank of Braille", "te\u2800xt", "te xt"],
  ["marks that would change what stands before", " \u0301\u20ddtext", "text"],
  ["bidi isolates, marks and Arabic letter mark", "\u2067te\u061cxt\u2069\u200e\u200f", "text"],
  ["an escape sequence with invisible characters in it", `te${ESC}\u200b[31mxt`, "te[31mxt"],
  ["an 8-bit DCS and APC", "te\u0090q#0\u009cxt\u009fG\u009c", "text"],
  ["a device query", `te${ESC}[6n${ESC}[cxt`, "text"],
  ["a reset and a full clear", `${ESC}cte${ESC}[2J${ESC}[3Jxt`, "text"],
  ["an escape sequence cut by a line feed", `te${ESC}[31\nmxt`, "te mxt"],
  ["lines, tabs and spaces of all kinds", " a\r\nb\t\tc\u00a0d\u2028e\u0085f ", "a b c d e f"],
  ["spaces around what goes", "a \u200b b", "a b"],
])("%s", (_, given, expected) => {
  expect(plainText(given)).toBe(expected);
});

test("what is meant as text stays: other scripts, emoji, and what only means something to tmux or a shell", () => {
  const text = "日本語 naïve Ünï e\u0301 🚀 👨‍👩‍👧 👩🏽‍🚀 ❤️‍🔥 🇩🇪 1️⃣ नि #(rm -rf) {bold} $(id) `x`";
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

/** What tmux 3.3a or pi 0.87.1 draws, whichever is wider. */
test.each([
  ["a family", "👨‍👩‍👧", 2],
  ["a skin tone", "👍🏽", 4],
  ["an astronaut", "👩🏽‍🚀", 4],
  ["a flag", "🇩🇪", 2],
  ["two flags", "🇩🇪🇫🇷", 4],
  ["a keycap", "1️⃣", 2],
  ["emoji style", "❤️", 2],
  ["text style", "✈ ✓ ☺ →", 7],
  ["a syllable of Korean letters", "\u1112\u1161\u11ab", 2],
  ["an Indic letter with a spacing mark", "की", 2],
  ["marks", "e\u0301x\u0308\u0323", 2],
  ["full width", "Ａ語", 4],
  ["half width", "ｱﾊ", 2],
])("%s takes the cells it is drawn in", (_, text, cells) => {
  expect(cellWidth(text)).toBe(cells);
});

test("a cut never falls inside what is drawn as one", () => {
  expect(plainText("👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧", { maxCells: 5 })).toBe("👨‍👩‍👧👨‍👩‍👧…");
  expect(plainText("🇩🇪🇫🇷🇩🇪", { maxCells: 4 })).toBe("🇩🇪…");
  expect(plainText("e\u0301e\u0301e\u0301e\u0301", { maxCells: 3 })).toBe("e\u0301e\u0301…");
  expect(plainText("1️⃣2️⃣3️⃣", { maxCells: 5 })).toBe("1️⃣2️⃣…");
});

test("whatever pieces an attack is put together from, the line is plain, fits and stays as it is", () => {
  const pieces = [
    ...[ESC, `${ESC}[`, `${ESC}]0;`, `${ESC}\\`, `${ESC}P`, "\u009b", "\u009d", "\u009c", "\u0007", "31m", "?1049h"],
    ...["\0", "\b", "\r", "\n", "\t", "\u007f", "\u0085", "\u2028", "\u00a0", " ", "\u3000"],
    ...[
      "\u202e",
      "\u2066",
      "\u2069",
      "\u200b",
      "\u200d",
      "\u200f",
      "\ufeff",
      "\u{e0041}",
      "\u{e0101}",
      "\ufe0f",
      "\ufe0e",
    ],
    ...[
      "\ud83d",
      "\udc68",
      "👨",
      "👩🏽",
      "🚀",
      "❤",
      "\u{1f1e9}",
      "\u20e3",
      "1",
      "\u0301",
      "\u0903",
      "日",
      "\u1112",
      "\u1161",
      "text",
    ],
  ];
  const attacks = Array.from({ length: 3_000 }, (_, seed) => {
    let state = seed + 1;
    const next = () => (state = Math.imul(state, 48_271) % 0x7fffffff);
    return Array.from({ length: 1 + (seed % 12) }, () => pieces[Math.abs(next()) % pieces.length]).join("");
  });
  for (const attack of attacks) {
    const line = plainText(attack, { maxCells: 10 });
    expect(line, JSON.stringify(attack)).not.toMatch(
      /[\p{Cc}\p{Cs}\p{Bidi_Control}\u200b\ufeff\u2028]|^[\p{M}\s]|\s$/u,
    );
    expect(cellWidth(line), JSON.stringify(attack)).toBeLessThanOrEqual(10);
    expect(plainText(line, { maxCells: 10 }), JSON.stringify(attack)).toBe(line);
  }
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
