import { expect, test } from "vitest";
import { ended, nextPrompt, recordOf } from "../../../control/prompt-order.ts";
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
  const over = ended(stored("long", { text: "😀".repeat(600), content, images: 1 }), "failed", "why", 9);
  expect(over).toMatchObject({ content: [], images: 1, state: "failed", reason: "why", endedAt: 9 });
  expect(over.text).toBe("😀".repeat(250));
  expect(recordOf(over)).not.toHaveProperty("content");
});
