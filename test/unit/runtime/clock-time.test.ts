import { expect, test } from "vitest";
import { clockTime } from "../../../runtime/clock-time.ts";

test("a moment of today is a time, any other one has its date", () => {
  const noon = new Date(2026, 2, 4, 12, 5, 9).getTime();
  expect(clockTime(noon, noon + 3_600_000)).toBe("12:05:09");
  expect(clockTime(noon, noon + 24 * 3_600_000)).toBe("2026-03-04 12:05");
  expect(clockTime(noon, noon - 24 * 3_600_000)).toBe("2026-03-04 12:05");
});
