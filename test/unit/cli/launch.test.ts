import { describe, expect, it } from "vitest";
import { adapterOverride } from "../../../cli/launch.ts";

describe("adapterOverride", () => {
  it.each([
    [undefined, undefined],
    ["", undefined],
    ["pi", true],
    ["command", false],
  ])("reads %j as %j", (value, override) => {
    expect(adapterOverride({ PISYNC_ADAPTER: value })).toBe(override);
  });

  it("refuses an adapter that there is not", () => {
    expect(() => adapterOverride({ PISYNC_ADAPTER: "vim" })).toThrow(
      expect.objectContaining({ code: "usage" }) as Error,
    );
  });
});
