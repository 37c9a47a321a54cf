import { describe, expect, it } from "vitest";
import { fitted } from "../../../cli/output.ts";

describe("the columns of an item", () => {
  it("stay whole where there is room, or no terminal", () => {
    expect(fitted(["k3x9abcd", "a title", "/work"], 80)).toBe("k3x9abcd  a title  /work");
    expect(fitted(["k3x9abcd", "a title ".repeat(30), "/work"], NaN)).toContain("a title a title");
  });

  it("give way where they are longest", () => {
    expect(fitted(["k3x9abcd", "one two three four five", "/work"], 34)).toBe("k3x9abcd  one two three…  /work");
  });

  it("stay whole where nothing would be left of the longest", () => {
    expect(fitted(["k3x9abcd", "one two three", "/work/project"], 25)).toBe("k3x9abcd  one two three  /work/project");
  });

  it("are safe on a terminal", () => {
    expect(fitted(["\x1b[2Ja", "b\u202e"], 80)).toBe("a  b");
  });
});
