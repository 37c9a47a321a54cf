import { expect, test } from "vitest";
import { edit, insert, lineOf, textOf, type Line } from "../../../runtime/line-editor.ts";
import { fuzzyMatch } from "../../../sidebar/fuzzy.ts";

function after(text: string, ...keys: string[]): Line {
  return keys.reduce((line, key) => edit(line, key) ?? insert(line, key), lineOf(text));
}

test("typing, moving and deleting by grapheme", () => {
  expect(textOf(after("ab", "left", "x"))).toBe("axb");
  expect(textOf(after("a👨‍👩‍👧b", "left", "backspace"))).toBe("ab");
  expect(textOf(after("one two", "ctrl-w"))).toBe("one ");
  expect(textOf(after("one two", "home", "alt-f", "ctrl-k"))).toBe("one");
  expect(textOf(after("one two", "ctrl-u"))).toBe("");
});

test("what is pasted stays one line and within the bound", () => {
  expect(textOf(insert(lineOf(""), "a\nb\tc"))).toBe("a b c");
  expect(insert(lineOf(""), "x".repeat(2_000)).graphemes).toHaveLength(500);
});

test("an accent typed after its letter is one grapheme with it", () => {
  expect(insert(lineOf("e"), "\u0301")).toEqual({ graphemes: ["e\u0301"], cursor: 1 });
});

test("fuzzy: every word, letters in order, case and accents aside", () => {
  expect(fuzzyMatch("fix auth", "Fix the auth bug")?.ranges).toEqual([
    [0, 3],
    [8, 12],
  ]);
  expect(fuzzyMatch("ftb", "Fix the bug")).toBeDefined();
  expect(fuzzyMatch("uber", "Über alles")).toBeDefined();
  expect(fuzzyMatch("xyz", "Fix the bug")).toBeUndefined();
  expect(fuzzyMatch("list", "Old 0 ~/dev/clients/a-rather-long-name")).toBeUndefined();
});

test("fuzzy: beginnings of words and runs of letters score higher", () => {
  const score = (text: string) => fuzzyMatch("api", text)?.score ?? -Infinity;
  expect(score("add api tests")).toBeGreaterThan(score("a pair in it"));
  expect(score("api")).toBeGreaterThan(score("capitals"));
});
