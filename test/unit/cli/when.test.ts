import { describe, expect, it } from "vitest";
import { age, when } from "../../../cli/when.ts";
import { NOW } from "./sessions.ts";

const DAY = 86_400_000;

describe("age", () => {
  it.each([
    [-5, "0s"],
    [59_999, "59s"],
    [60_000, "1m"],
    [3_600_000, "1h"],
    [DAY * 3, "3d"],
    [DAY * 14, "2w"],
    [DAY * 60, "2mo"],
    [DAY * 729, "24mo"],
    [DAY * 730, "2y"],
  ])("of %d ms is %s", (milliseconds, text) => {
    expect(age(milliseconds)).toBe(text);
  });
});

describe("when", () => {
  it("names the day of what is older than a week", () => {
    expect(when(NOW - 6 * DAY, NOW)).toBe("6d ago");
    const old = new Date(2021, 1, 3, 12).getTime();
    expect(when(old, old + 40 * DAY)).toBe("5w ago, 2021-02-03");
  });
});
