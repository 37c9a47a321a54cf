import { describe, expect, it, test } from "vitest";
import { age, durationOf, shellCommand, shortenHome } from "../../../runtime/short-forms.ts";

const DAY = 86_400_000;

describe("age", () => {
  it.each([
    [-5, "0s"],
    [59_999, "59s"],
    [60_000, "1m"],
    [3_600_000, "1h"],
    [DAY * 13, "13d"],
    [DAY * 14, "2w"],
    [DAY * 60, "2mo"],
    [DAY * 729, "24mo"],
    [DAY * 730, "2y"],
  ])("of %d ms is %s", (milliseconds, text) => {
    expect(age(milliseconds)).toBe(text);
  });
});

test("a duration that was told is understood", () => {
  for (const text of ["5s", "3m", "2h", "4d", "3w", "5mo", "2y"]) expect(age(durationOf(text) ?? 0)).toBe(text);
  for (const text of ["", "5", "m", "-1m", "1.5h", "5min", "1234567h"]) expect(durationOf(text)).toBeUndefined();
});

describe("shortenHome", () => {
  it.each([
    ["/home/ann", "~"],
    ["/home/ann/x", "~/x"],
    ["/home/annabel", "/home/annabel"],
    ["/srv", "/srv"],
  ])("shows %s as %s", (path, shown) => {
    expect(shortenHome(path, "/home/ann")).toBe(shown);
  });

  it("leaves paths alone when the home is the root", () => {
    expect(shortenHome("/srv", "/")).toBe("/srv");
  });
});

describe("a command to type", () => {
  it("has quotes only around words that need them", () => {
    expect(shellCommand(["tmux", "-S", "/tmp/my tmux/it's", "-t", "%7"])).toBe("tmux -S '/tmp/my tmux/it'\\''s' -t %7");
  });
});
