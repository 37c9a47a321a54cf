import { expect, test } from "vitest";
import { titleOf } from "../../../runtime/titles.ts";
import { cellWidth } from "../../../runtime/cell-width.ts";

const ESC = "\u001b";

test("the name wins, then the first message, then the command line, then the agent", () => {
  const argv = ["npx", "pi", "-c"];
  expect(titleOf({ name: "Rename", firstMessage: "Hello", argv, agent: "pi" })).toEqual({
    title: "Rename",
    titleSource: "name",
  });
  expect(titleOf({ firstMessage: "Hello", argv, agent: "pi" })).toEqual({
    title: "Hello",
    titleSource: "first-message",
  });
  expect(titleOf({ argv, agent: "pi" })).toEqual({ title: "npx pi -c", titleSource: "command" });
  expect(titleOf({ agent: "pi" })).toEqual({ title: "pi", titleSource: "command" });
});

test("what is invisible counts as absent", () => {
  const name = `${ESC}[31m\u200b\u2066 \ud800\u2800`;
  expect(titleOf({ name, firstMessage: "\n\t", argv: ["\u0007"], agent: "pi" }).title).toBe("pi");
});

test("a title is one plain line of at most 80 cells, cut at a word", () => {
  const message = `Fix the ${ESC}]0;evil\u0007tests\n\tin 日本語 and 👨‍👩‍👧, ${"then more words ".repeat(20)}`;
  const { title } = titleOf({ firstMessage: message, agent: "pi" });
  expect(title).toBe("Fix the tests in 日本語 and 👨‍👩‍👧, then more words then more words then more words…");
  expect(cellWidth(title)).toBeLessThanOrEqual(80);
});
