import { describe, expect, it } from "vitest";
import { leadingSize, type SizedView } from "../../../host/size-policy.ts";

const present = { cols: 80, rows: 24 };

function view(cols: number, rows: number, more: Partial<SizedView> = {}): SizedView {
  return { mode: "mirror", size: { cols, rows }, typedAt: 0, ...more };
}

describe("the size of the pseudo-terminal", () => {
  it("is the smallest width and the smallest height of the interactive views", () => {
    expect(leadingSize("smallest", [view(120, 30), view(100, 50)], present)).toEqual({ cols: 100, rows: 30 });
  });

  it("is never led by a read-only view", () => {
    expect(leadingSize("smallest", [view(120, 30), view(20, 5, { mode: "read-only" })], present)).toEqual({
      cols: 120,
      rows: 30,
    });
  });

  it("stays when no interactive view is left", () => {
    expect(leadingSize("smallest", [], present)).toEqual(present);
    expect(leadingSize("latest", [view(20, 5, { mode: "read-only" })], present)).toEqual(present);
  });

  it("follows who typed last when configured so", () => {
    const views = [view(120, 30, { typedAt: 5 }), view(60, 20, { typedAt: 9 }), view(200, 60)];
    expect(leadingSize("latest", views, present)).toEqual({ cols: 60, rows: 20 });
  });

  it("is the configured one when that is fixed", () => {
    expect(leadingSize({ cols: 132, rows: 43 }, [view(10, 10)], present)).toEqual({ cols: 132, rows: 43 });
  });

  it("is clamped: a view of 1x1 cannot make everybody's screen useless, one of 1000x500 leads with all of it", () => {
    expect(leadingSize("smallest", [view(1, 1), view(80, 24)], present)).toEqual({ cols: 10, rows: 3 });
    expect(leadingSize("smallest", [view(1000, 500)], present)).toEqual({ cols: 1000, rows: 500 });
    expect(leadingSize("smallest", [view(65_535, 65_535)], present)).toEqual({ cols: 1000, rows: 500 });
  });
});
