import { expect, test } from "vitest";
import { lastWords } from "../../../host/last-words.ts";

test.each([
  ["Error: Unknown option: --nam\n\n", "Error: Unknown option: --nam"],
  ["first\nsecond", "second"],
  ["a \u001b[31mred\u202e line", "a red line"],
  ["", undefined],
  [" \n\n", undefined],
  ["\u200b", undefined],
])("of %j it is %j", (screen, words) => {
  expect(lastWords(screen)).toBe(words);
});

test("they fit the record, however long the line is", () => {
  expect(lastWords("x".repeat(5_000))?.length).toBeLessThanOrEqual(200);
  expect(lastWords("e\u0301\u0302".repeat(5_000))?.length).toBeLessThanOrEqual(2_000);
});
