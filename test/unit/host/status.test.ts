import { expect, test } from "vitest";
import { statusAtStart } from "../../../host/status.ts";

test("a session starts as starting for pi and as working for a command", () => {
  expect(statusAtStart("pi", 7)).toEqual({ state: "starting", since: 7, source: "process" });
  expect(statusAtStart("command", 7)).toEqual({ state: "working", since: 7, source: "process" });
});
