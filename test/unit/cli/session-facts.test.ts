import { describe, expect, it } from "vitest";
import { factsOf, readableError, shownMark, whereOf } from "../../../cli/session-facts.ts";
import { NOW, past, session } from "./sessions.ts";

const tmux = { tty: "/dev/pts/3", tmux: { socket: "/tmp/tmux-1000/default", pane: "%7" } };
const since = NOW - 5_000;

const said = (...of: Parameters<typeof session>) => {
  const shown = session(...of);
  return `${shownMark(shown, { unicode: true })[0]} ${factsOf(shown, NOW).join(", ")}`;
};

describe("what is said of a session", () => {
  it.each([
    ["◌ starting 5s", "starting"],
    ["● working 5s", "working"],
    ["◆ waiting 5s", "waiting"],
    ["• idle 5s", "idle"],
    ["◐ interrupted 5s", "interrupted"],
  ] as const)("that is live: %s", (expected, state) => {
    expect(said({ status: { state, since, source: "extension" } })).toBe(expected);
  });

  it("that is a command: it runs, unless it says itself that it works", () => {
    const command = (source: "process" | "screen") =>
      said({ agent: "command", status: { state: "working", since, source } });
    expect([command("process"), command("screen")]).toEqual(["› running 5s", "● working 5s"]);
  });

  it("that finished while nobody looked", () => {
    expect(said({ status: { state: "idle", since, source: "extension", unseen: true } })).toBe("◉ idle 5s, unseen");
  });

  it("that failed, with the provider's words and how often it is seen", () => {
    const error = '401: {"message":"Invalid API key","type":"x"}';
    const degraded = { reason: "not-connected", detail: "The extension is silent." } as const;
    expect(said({ status: { state: "error", since, source: "extension", error }, degraded, views: 2 })).toBe(
      "✗ error 5s, 401 Invalid API key, 2 views, degraded: extension silent",
    );
  });

  it("that somebody started without pisync", () => {
    const working = { state: "working", since, source: "jsonl" } as const;
    expect(said({ kind: "external", status: working, terminal: tmux })).toBe("● working 5s, external: tmux pane %7");
    expect(said({ kind: "external", status: undefined, terminal: { tty: "/dev/pts/3" } })).toBe(
      "• external: terminal pts/3",
    );
    expect(whereOf({})).toBe("no terminal");
  });

  it.each([
    ["○ 5s ago", { cause: "exited", exitCode: 0 }],
    ["✗ failed (3) 5s", { cause: "exited", exitCode: 3 }],
    ["✗ ended by SIGTERM 5s", { cause: "exited", exitCode: 143, signal: 15 }],
    ["○ killed 5s", { cause: "killed", exitCode: 143, signal: 15 }],
    ["✗ host died 5s", { cause: "host-died" }],
  ] as const)("that ended: %s", (expected, ending) => {
    const status = { state: "exited", since, source: "process" } as const;
    const ended = { kind: "resumable", status, updatedAt: since } as const;
    expect(said({ ...ended, ending: { at: since, interrupted: false, ...ending } })).toBe(expected);
  });

  it("that is a conversation found on disk", () => {
    const shown = (state: "idle" | "interrupted" | "error") => {
      const found = past("aaaaaaaa", { status: { state, since: NOW - 7_200_000, source: "jsonl" } });
      return `${shownMark(found, { unicode: true })[0]} ${factsOf(found, NOW).join(", ")}`;
    };
    expect(shown("idle")).toBe("○ 1m ago");
    expect(shown("interrupted")).toBe("◐ interrupted 2h");
    expect(shown("error")).toBe("✗ error 2h");
    expect(factsOf(past("aaaaaaaa"), NOW)).toEqual(["1m ago"]);
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
