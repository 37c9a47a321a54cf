import { describe, expect, test } from "vitest";
import {
  fold,
  matchExpression,
  parseQuery,
  patternOf,
  searchableText,
} from "../../../../daemon/conversation-index/query.ts";

const words = (query: string) => parseQuery(query).map((term) => (term.phrase ? [term.words] : term.words));

describe("a query", () => {
  test.each([
    ["one two", ["one", "two"]],
    ['  "one two"  three ', [["one two"], "three"]],
    ['one"two three"four', ["one", ["two three"], "four"]],
    ['"not closed', [["not closed"]]],
    ['"" - * --- "..." (', []],
    ["foo-bar a/b.ts", ["foo-bar", "a/b.ts"]],
    ["日本語 café", ["日本語", "café"]],
    ["cafe\u0301", ["café"]],
    ["x ".repeat(200), Array(16).fill("x")],
  ])("%s", (query, expected) => {
    expect(words(query)).toEqual(expected);
  });

  test("cannot be syntax of the text index", () => {
    const expressions = parseQuery('foo* NOT bar:baz "a""b" NEAR( ^x {y} a\0b').map(matchExpression);
    expect(expressions).toEqual([
      '"foo*" *',
      '"NOT" *',
      '"bar:baz" *',
      '"a"',
      '"b"',
      '"NEAR(" *',
      '"^x" *',
      '"{y}" *',
      '"a b" *',
    ]);
  });
});

test("letters of scripts without spaces are words of their own", () => {
  expect(searchableText("plain — text")).toBe("plain — text");
  expect(searchableText("die日本語版").split(/ +/)).toEqual(["die", "日", "本", "語", "版", ""]);
  expect(searchableText("안녕 สวัสดี").match(/[^ ]+/g)).toHaveLength(8);
});

test("folding keeps where each letter was", () => {
  const text = "Ünï 日本 İ ﬁ 🎉x";
  const { text: folded, origins } = fold(text);
  expect(folded).toBe("uni 日本 i ﬁ 🎉x");
  expect(origins?.map((at) => text[at]).join("")).toBe("Ünï 日本 İ ﬁ 🎉x".replace("🎉", "\ud83c\ud83c"));
});

describe("a term is found", () => {
  const found = (query: string, text: string) => {
    const [term] = parseQuery(query);
    return term === undefined ? undefined : [...fold(text).text.matchAll(patternOf(term))].map(([match]) => match);
  };
  test.each([
    ["uber", "Über überall xüber", ["uber", "uber"]],
    ["ÜBER", "ueber uber", ["uber"]],
    ["foo-bar", "foo bar, foo-barrel, foobar", ["foo bar", "foo-bar", "foobar"]],
    ['"foo bar"', "foo bar foo barrel", ["foo bar"]],
    ["本語", "日本語版", ["本語"]],
    ['"本語"', "日本語版", ["本語"]],
    ["v2", "日本v2 v20 xv2", ["v2", "v2"]],
    ["a.b(c", "a.b(c) axb", ["a.b(c"]],
  ])("%s in %s", (query, text, expected) => {
    expect(found(query, text)).toEqual(expected);
  });
});
