import { expect, test } from "vitest";
import { holdsSuspendKey } from "../../../host/suspend-key.ts";

test.each([
  ["the legacy byte", "\x1a", true],
  ["the byte among others", "ab\x1acd", true],
  ["kitty's press", "\x1b[122;5u", true],
  ["kitty's press with event type and alternates", "\x1b[122:90:122;5:1u", true],
  ["modifyOtherKeys", "\x1b[27;5;122~", true],
  ["kitty's release", "\x1b[122;5:3u", false],
  ["another letter", "\x1b[120;5u", false],
  ["z alone", "z", false],
])("%s", (_name, input, expected) => {
  expect(holdsSuspendKey(Buffer.from(input))).toBe(expected);
});
