import { expect, test } from "vitest";
import { imageType } from "../../../runtime/image-type.ts";

test.each([
  ["image/png", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"],
  ["image/jpeg", "\xff\xd8\xff\xe0"],
  ["image/gif", "GIF89a"],
  ["image/gif", "GIF87a\0"],
  ["image/webp", "RIFF\0\0\0\0WEBPVP8 "],
  [undefined, "RIFF\0\0\0\0WAVEfmt "],
  [undefined, "\x89PNG"],
  [undefined, "<svg/>"],
  [undefined, ""],
])("is %s by its first bytes: %j", (type, start) => {
  expect(imageType(Buffer.from(start, "latin1"))).toBe(type);
});
