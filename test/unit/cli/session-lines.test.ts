import { describe, expect, it } from "vitest";
import { groupLines, sessionLine } from "../../../cli/session-lines.ts";
import { NOW, past, plainContext, session } from "./sessions.ts";

const working = { state: "working", since: NOW - 65_000, source: "extension" } as const;

describe("groupLines", () => {
  it("puts titles and facts into columns under each directory", () => {
    const shop = [session({ views: 2, status: working })];
    const srv = [session({ id: "cccccccc", title: "Go", views: 1 }), past("bbbbbbbb", { title: "Old" })];
    expect(
      groupLines(
        [
          { directory: "/home/ann/shop", sessions: shop, more: 0, here: true },
          { directory: "/srv", sessions: srv, more: 1_200, here: false },
        ],
        plainContext,
      ),
    ).toEqual([
      "~/shop (here)",
      "  ● k3x9abcd  Fix the login bug  working 1m, 2 views",
      "",
      "/srv  … 1,200 more",
      "  • cccccccc  Go                 idle 5s, 1 view",
      "  ○ bbbbbbbb  Old                1m ago",
    ]);
  });

  it("cuts long titles so that the facts fit, and long facts so that the line does", () => {
    const error = "overloaded ".repeat(20);
    const degraded = { reason: "unsupported-version", detail: "x" } as const;
    const sessions = [
      session({ title: "very long ".repeat(30) }),
      session({ title: "wide 中文 ".repeat(10), status: { ...working, state: "error", error }, degraded }),
    ];
    const lines = groupLines([{ directory: "/srv", sessions, more: 0, here: false }], plainContext);
    expect(lines).toEqual([
      "/srv",
      "  • k3x9abcd  very long very long very…  idle 5s",
      "  ✗ k3x9abcd  wide 中文 wide 中文 wide…  error 1m, overloaded overloaded…",
    ]);
  });
});

describe("sessionLine", () => {
  it("is one harmless line", () => {
    const title = `\x1b]2;evil\x07${"very long ".repeat(30)}\r\n\x1b[2J\u202eend`;
    const line = sessionLine(session({ title }), plainContext);
    expect(line.length).toBeLessThanOrEqual(80);
    expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
    expect(line).toContain("…  idle 5s");
  });

  it("is coloured piece by piece", () => {
    const style = (name: string, text: string) => `<${name} ${text}>`;
    const line = sessionLine(session({ status: working, title: "T" }), { ...plainContext, style });
    expect(line).toBe("  <good ●> <id k3x9abcd>  T  <good working 1m>");
  });
});
