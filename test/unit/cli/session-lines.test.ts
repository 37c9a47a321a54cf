import { describe, expect, it } from "vitest";
import type { SessionSummary } from "../../../protocol/session.ts";
import { age, readableError, sessionLines, shortenHome, type LineContext } from "../../../cli/session-lines.ts";

const NOW = 1_700_000_000_000;
const context: LineContext = { now: NOW, home: "/home/ann", width: 80, style: (_, text) => text };

function session(fields: Partial<SessionSummary>): SessionSummary {
  return {
    id: "k3x9abcd",
    kind: "live",
    agent: "pi",
    title: "Fix the login bug",
    titleSource: "first-message",
    cwd: "/home/ann/shop",
    status: { state: "idle", since: NOW - 5_000, source: "extension" },
    generation: 1,
    views: 0,
    createdAt: NOW - 60_000,
    updatedAt: NOW - 60_000,
    ...fields,
  };
}

describe("sessionLines", () => {
  it("groups by directory, what is live first", () => {
    const lines = sessionLines(
      [
        session({ id: "aaaaaaaa", views: 2, status: { state: "working", since: NOW - 65_000, source: "extension" } }),
        session({
          id: "bbbbbbbb",
          kind: "resumable",
          cwd: "/srv",
          title: "Old",
          status: { state: "exited", since: NOW - 7_200_000, source: "process" },
        }),
        session({ id: "cccccccc", cwd: "/srv", views: 1 }),
      ],
      context,
    );
    expect(lines).toEqual([
      "~/shop",
      "  ● aaaaaaaa  Fix the login bug  working 1m, 2 views",
      "",
      "/srv",
      "  ○ cccccccc  Fix the login bug  idle 5s, 1 view",
      "  · bbbbbbbb  Old  exited 2h",
    ]);
  });

  it("says what is wrong with a session", () => {
    const [, line] = sessionLines(
      [
        session({
          status: {
            state: "error",
            since: NOW - 1_000,
            source: "extension",
            error: '401: {"message":"Invalid API key","type":"x"}',
          },
          degraded: { reason: "not-connected", detail: "The extension is silent." },
        }),
      ],
      { ...context, width: 100 },
    );
    expect(line).toBe("  ✗ k3x9abcd  Fix the login bug  error 1s, 401 Invalid API key, degraded: extension silent");
  });

  it.each([
    ["· k3x9abcd  Fix the login bug  exited 5s", { cause: "exited", exitCode: 0 }],
    ["✗ k3x9abcd  Fix the login bug  failed (3) 5s", { cause: "exited", exitCode: 3 }],
    ["✗ k3x9abcd  Fix the login bug  ended by SIGTERM 5s", { cause: "exited", exitCode: 143, signal: 15 }],
    ["· k3x9abcd  Fix the login bug  killed 5s", { cause: "killed", exitCode: 143, signal: 15 }],
    ["✗ k3x9abcd  Fix the login bug  host died 5s", { cause: "host-died" }],
  ] as const)("says how a session ended: %s", (expected, ending) => {
    const at = NOW - 5_000;
    const status = { state: "exited", since: at, source: "process" } as const;
    const ended = session({ kind: "resumable", status, ending: { at, interrupted: false, ...ending } });
    expect(sessionLines([ended], context)[1]).toBe(`  ${expected}`);
  });

  it("cuts a long title so that the line fits, and keeps it one harmless line", () => {
    const title = `\x1b]2;evil\x07${"very long ".repeat(30)}\r\n\x1b[2J\u202eend`;
    const [, line = ""] = sessionLines([session({ title })], context);
    expect(line.length).toBeLessThanOrEqual(80);
    expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
    expect(line).toContain("…  idle 5s");
  });
});

describe("readableError", () => {
  it.each([
    ["connection refused", "connection refused"],
    ['401 {"type":"error","error":{"type":"authentication_error","message":"Invalid API key"}}', "401 Invalid API key"],
    ['{"error":"no such \\"model\\""}', 'no such "model"'],
    ['500: {"error":{"message":"overloaded"},"request', "500 overloaded"],
    ['400 {"message":"a\\u0020b\\nc"}', "400 a b\nc"],
    ["unexpected { in input", "unexpected { in input"],
  ])("of %j is %j", (text, readable) => {
    expect(readableError(text)).toBe(readable);
  });
});

describe("shortenHome", () => {
  it.each([
    ["/home/ann", "~"],
    ["/home/ann/x", "~/x"],
    ["/home/annabel", "/home/annabel"],
    ["/srv", "/srv"],
  ])("shows %s as %s", (path, shown) => {
    expect(shortenHome(path, "/home/ann")).toBe(shown);
  });

  it("leaves paths alone when the home is the root", () => {
    expect(shortenHome("/srv", "/")).toBe("/srv");
  });
});

describe("age", () => {
  it.each([
    [-5, "0s"],
    [59_999, "59s"],
    [60_000, "1m"],
    [3_600_000, "1h"],
    [86_400_000 * 3, "3d"],
  ])("of %d ms is %s", (milliseconds, text) => {
    expect(age(milliseconds)).toBe(text);
  });
});
