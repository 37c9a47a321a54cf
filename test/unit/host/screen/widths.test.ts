import { visibleWidth } from "@earendil-works/pi-tui";
import { expect, test } from "vitest";
import { CLUSTER_WIDTHS } from "../../../../host/screen/widths.ts";
import { Screen } from "../../../../host/screen/screen.ts";

const SAMPLES = [
  ..."aé世界한글→─█·①♥⚡✅⏳⭐★☀",
  "e\u0301",
  "x\u0308\u0323",
  "नि",
  "ก็",
  "\u3000",
  ..."😀🤖🥰🦀🫠🪐🧠🟢🟰🫨🪿🀄🈁",
  "👍🏽",
  "🤷🏽‍♀️",
  "👨‍👩‍👧",
  "🏳️‍🌈",
  "🇩🇪",
  "🇩🇪🇫🇷",
  "❤️",
  "☀️",
  "⚠️",
  "1️⃣",
  "#️⃣",
  "❤",
  "a👍🏽b❤️c",
];

test.each(SAMPLES)("%s takes as many cells as pi thinks", async (text) => {
  expect(CLUSTER_WIDTHS.textWidth(text)).toBe(visibleWidth(text));
  const screen = new Screen({ size: { cols: 20, rows: 2 }, scrollback: 10 });
  screen.write(Buffer.from(text));
  await new Promise<void>((resolve) => screen.whenParsed(resolve));
  expect(screen.internals.buffers.active.x).toBe(visibleWidth(text));
  expect(screen.plainText()).toBe(text.trimEnd());
});

test("an emoji that grows at the right edge moves to the next row as a whole", async () => {
  const screen = new Screen({ size: { cols: 4, rows: 2 }, scrollback: 10 });
  screen.write(Buffer.from("abc❤\ufe0f"));
  await new Promise<void>((resolve) => screen.whenParsed(resolve));
  expect(screen.plainText()).toBe("abc\n❤️");
});
