import { expect, test } from "vitest";
import { fit } from "../../../adapters/agents/pi/extension/questions-answers.ts";

test("an answer fits its question, or it is said what would", () => {
  expect(fit("select", "a", ["a", "b"])).toEqual({ value: "a" });
  const long = "x".repeat(400);
  expect(fit("select", long.slice(0, 300), [long])).toEqual({ value: long });
  for (const wrong of ["c", 1, null]) expect(fit("select", wrong, ["a"])).toHaveProperty("wanted");
  expect(fit("confirm", false)).toEqual({ value: false });
  expect(fit("confirm", "yes")).toHaveProperty("wanted");
  expect(fit("input", "")).toEqual({ value: "" });
  expect(fit("editor", "x".repeat(70_000))).toHaveProperty("wanted");
  expect(fit("questions", [["a"], []])).toEqual({ value: [["a"], []] });
  expect(fit("questions", ["a"])).toHaveProperty("wanted");
  expect(fit("custom", { any: 1 })).toEqual({ value: { any: 1 } });
});
