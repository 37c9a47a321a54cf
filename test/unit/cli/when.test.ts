import { expect, test } from "vitest";
import { when } from "../../../cli/when.ts";
import { NOW } from "./sessions.ts";

const DAY = 86_400_000;

test("a moment that is older than a week comes with its date", () => {
  expect(when(NOW - 6 * DAY, NOW)).toBe("6d ago");
  const old = new Date(2021, 1, 3, 12).getTime();
  expect(when(old, old + 40 * DAY)).toBe("5w ago, 2021-02-03 12:00");
});
