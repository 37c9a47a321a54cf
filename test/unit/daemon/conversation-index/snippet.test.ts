import { describe, expect, test } from "vitest";
import { parseQuery, patternOf } from "../../../../daemon/conversation-index/query.ts";
import { snippetOf } from "../../../../daemon/conversation-index/snippet.ts";

const look = (text: string, query: string) => snippetOf(text, parseQuery(query).map(patternOf));
const marked = (text: string, query: string) => {
  const { snippet = "", matches = [] } = look(text, query) ?? {};
  return matches.toReversed().reduce((line, [start, end]) => {
    return `${line.slice(0, start)}[${line.slice(start, end)}]${line.slice(end)}`;
  }, snippet);
};

describe("a snippet", () => {
  test("is the whole of a short text, on one line, with every place marked", () => {
    expect(marked("Über\n\n  den  Überlauf", "uber den")).toBe("[Über] [den] [Über]lauf");
  });

  test("is cut at words around the place where most of the words are", () => {
    const filler = "lorem ipsum dolor sit amet ".repeat(40);
    const line = marked(`needle ${filler} needle in the haystack ${filler}`, "needle haystack");
    expect(line).toMatch(/^…(\w+ )+\[needle\] in the \[haystack\]( \w+)+…$/);
    expect(line.length).toBeLessThan(230);
    expect(look(`needle ${filler}`, "needle haystack")?.terms).toBe(1);
  });

  test("is none where none of the words is", () => {
    expect(look("lorem ipsum", "needle")).toBeUndefined();
  });

  test("is safe on a terminal, and marks what is left", () => {
    expect(marked("a \u001b[31mneedle\u001b[0ms\u202e\u0000 b\u0007", "needles")).toBe("a [needles] b");
  });

  test("marks places in code units, also behind letters of two", () => {
    expect(marked("🎉🎉 日本語のテスト 🎉 ﬁn", "本語 テスト ﬁn")).toBe("🎉🎉 日[本語]の[テスト] 🎉 [ﬁn]");
  });

  test("never begins or ends inside a letter, and costs bounded time on text without words", () => {
    const text = `${"🎉".repeat(5_000)} needle ${"🎉".repeat(400_000)}`;
    const { snippet = "" } = look(text, "needle") ?? {};
    expect(snippet.isWellFormed()).toBe(true);
    expect(snippet).toContain("needle");
    expect(look("a".repeat(1_000_000), "a needle")?.terms).toBe(1);
  });
});
