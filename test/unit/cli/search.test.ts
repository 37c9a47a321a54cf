import { describe, expect, it } from "vitest";
import { queryOf } from "../../../cli/commands/search.ts";
import { excerpt, hitLines } from "../../../cli/search-lines.ts";
import { NOW, past, plainContext, session } from "./sessions.ts";

const marked = { style: (_: string, text: string) => `[${text}]` };

describe("queryOf", () => {
  it.each([
    [["login", "bug"], "login bug"],
    [["session check"], '"session check"'],
    [['"session check"'], '"session check"'],
    [["a", "b c", "d"], 'a "b c" d'],
    [['say "x y" z'], 'say "x y" z'],
    [["  padded  "], "padded"],
  ])("of %j is %j", (words, query) => {
    expect(queryOf(words)).toBe(query);
  });

  it.each([[[""]], [[" ", ""]], [["x".repeat(500)]]])("refuses %j", (words) => {
    expect(() => queryOf(words)).toThrow(expect.objectContaining({ code: "usage" }) as Error);
  });
});

describe("excerpt", () => {
  const snippet = "one two three four five six seven eight nine ten eleven twelve";

  it("marks the matches", () => {
    expect(
      excerpt(
        snippet,
        [
          [0, 3],
          [8, 13],
        ],
        100,
        marked,
      ),
    ).toBe("[one] two [three] four five six seven eight nine ten eleven twelve");
  });

  it("keeps the first match in sight where there is little room", () => {
    const at = snippet.indexOf("nine");
    expect(excerpt(snippet, [[at, at + 4]], 30, marked)).toBe("…eight [nine] ten eleven twelve");
    expect(excerpt(snippet, [[0, 3]], 30, marked)).toBe("[one] two three four five six…");
  });

  it("cuts a match at the end, and leaves out those beyond", () => {
    const long = `${"x".repeat(60)} yes`;
    expect(
      excerpt(
        long,
        [
          [0, 60],
          [61, 64],
        ],
        30,
        marked,
      ),
    ).toBe(`[${"x".repeat(29)}]…`);
  });

  it("marks nothing in text that is not safe as it is", () => {
    expect(excerpt("a \x1b[31mred\x1b[0m word", [[0, 1]], 80, marked)).toBe("a red word");
  });

  it("survives places that are none", () => {
    expect(
      excerpt(
        "abc",
        [
          [2, 9],
          [1, 2],
        ],
        80,
        marked,
      ),
    ).toBe("ab[c]");
  });
});

describe("hitLines", () => {
  const at = NOW - 7_200_000;

  it("says what, where, who and when", () => {
    const hit = {
      session: past("aaaaaaaa", { title: "Login" }),
      snippet: "the login page",
      where: "user",
      at,
    } as const;
    expect(hitLines({ ...hit, matches: [[4, 9]] }, plainContext)).toEqual([
      "○ aaaaaaaa  Login  ~/shop",
      "    you, 2h ago: the login page",
    ]);
  });

  it("says how a session is that runs", () => {
    const hit = { session: session(), snippet: "the login page", where: "agent", at, matches: [] } as const;
    expect(hitLines({ ...hit, matches: [] }, plainContext)).toEqual([
      "• k3x9abcd  Fix the login bug  ~/shop  idle 5s",
      "    pi, 2h ago: the login page",
    ]);
  });
});
