import { expect, test } from "vitest";
import { waitFor } from "../../support/wait-for.ts";

test("returns the value as soon as the condition holds", async () => {
  let looks = 0;
  expect(await waitFor("the third look", () => (looks += 1) === 3 && "here")).toBe("here");
  expect(looks).toBe(3);
});

test("the failure names what was waited for, and the condition's own error", async () => {
  const failure = waitFor("a miracle", () => Promise.reject(new Error("no miracle today")), { deadlineMs: 1 });
  await expect(failure).rejects.toThrow("waited 1 ms for a miracle");
  await expect(failure).rejects.toMatchObject({ cause: { message: "no miracle today" } });
});
