import { expect, test } from "vitest";
import { ended, isOwed, nextPrompt, recordOf, takenUp, withoutContent } from "../../../control/prompt-order.ts";
import type { StoredPrompt } from "../../../protocol/prompts.ts";

function stored(id: string, change: Partial<StoredPrompt> = {}): StoredPrompt {
  return {
    schemaVersion: 1,
    id,
    number: 1,
    digest: "",
    text: id,
    content: [],
    images: 0,
    deliverAs: "auto",
    disposition: "queued",
    state: "queued",
    acceptedAt: 1,
    ...change,
  };
}

test("one prompt is with pi at a time, in the order of acceptance, and what steers passes what waits for the end", () => {
  const [over, later, auto] = [
    stored("over", { state: "delivered" }),
    stored("later", { deliverAs: "followUp" }),
    stored("auto"),
  ];
  expect(nextPrompt([over, later, auto], { running: false })).toBe(later);
  expect(nextPrompt([over, later, auto], { running: true })).toBe(auto);
  expect(nextPrompt([over, later], { running: true })).toBeUndefined();
  const handed = stored("handed", { state: "handed", deliverAs: "followUp" });
  expect(nextPrompt([auto, handed], { running: true })).toBe(handed);
});

test("of a prompt that is over the beginning is kept, and no image", () => {
  const content = [{ mimeType: "image/png" as const, data: "AAAA" }];
  const whole = ended(
    stored("long", { text: "😀".repeat(600), content, images: 1 }),
    { outcome: "failed", reason: "why" },
    9,
  );
  const over = withoutContent(whole);
  expect(over).toMatchObject({ content: [], images: 1, state: "failed", reason: "why", endedAt: 9 });
  expect(over.text).toBe("😀".repeat(250));
  expect(recordOf(over)).not.toHaveProperty("content");
});

test("what pi may have forgotten is taken up again, whole, and what is over is not", () => {
  const text = "x".repeat(600);
  const delivered = ended(
    stored("unsaved", { text, conversation: "c", run: "going" }),
    { outcome: "delivered", unsaved: true },
    9,
  );
  expect(isOwed(delivered)).toBe(true);
  expect(takenUp(delivered, "c")).toMatchObject({ state: "handed", text, conversation: "c" });
  expect(takenUp(delivered, "c").endedAt).toBeUndefined();
  // There is no conversation to go back to: it is for the first one that is opened.
  expect(takenUp(delivered, undefined).conversation).toBeUndefined();
  const saved = withoutContent(delivered);
  expect(isOwed(saved)).toBe(false);
  expect(takenUp(saved, undefined)).toMatchObject({ state: "delivered", run: "aborted", conversation: "c" });
});
